// What the tests of the HTTP room share: an engine, a scripted server and a clock that stands still,
// all on one loop.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "common/event_loop.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/simulated_loop.h"
#include "worker/http/engine.h"

namespace locust::worker {

class HttpFixture : public testing::Test {
 protected:
  using Server = fakes::ScriptedServer;
  using Then = Server::Then;

  // A user's client with one exchange.
  struct Browser {
    std::unique_ptr<HttpClient> client;
    Exchange exchange;
    bool done = false;

    HttpRequest& request() { return exchange.request; }
    HttpResponse& response() { return exchange.response; }
  };

  std::unique_ptr<Browser> browser() {
    auto b = std::make_unique<Browser>();
    b->client = engine->new_client();
    return b;
  }
  void start(Browser& b, const std::string& url) {
    b.request().url = url;
    b.done = false;
    engine->start(*b.client, b.exchange, [&b] { b.done = true; });
  }
  const HttpResponse& fetch(Browser& b, const std::string& url) {
    start(b, url);
    run_until([&] { return b.done; });
    return b.response();
  }

  // Runs the loop until `condition` holds; real time only bounds a test that has failed anyway.
  void run_until(const std::function<bool()>& condition) {
    for (int turns = 0; !condition() && turns < 5000; ++turns)
      loop.run_once(std::chrono::milliseconds(2));
    ASSERT_TRUE(condition()) << "the loop ran dry";
  }
  // Lets everything happen that can happen without time passing.
  void settle() {
    for (int turns = 0; turns < 20; ++turns) loop.run_once(std::chrono::milliseconds(1));
  }

  void use(EngineOptions options) {
    engine.reset();
    engine = make_curl_engine(loop, std::move(options));
  }

  fakes::ManualClock clock;
  EventLoop loop{clock};
  Server server{loop};
  std::unique_ptr<HttpEngine> engine = make_curl_engine(loop, {});
};

}  // namespace locust::worker
