// Requests that end otherwise than by a response: cancelled, timed out, forgotten with their user;
// and name lookups, which block nobody but who needs them.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "tests/unit/worker/http/http_fixture.h"

namespace locust::worker {
namespace {

// A name server that answers when the test says so.
class SlowLookup {
 public:
  LookupResult operator()(const std::string& host) {
    std::unique_lock lock(mutex_);
    ++asked_;
    wake_.wait(lock, [this] { return released_; });
    return host == "known.example" ? LookupResult{{"127.0.0.1"}, ""}
                                   : LookupResult{{}, "gaierror(-2, 'Name or service not known')"};
  }
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    wake_.notify_all();
  }
  int asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool released_ = false;
  int asked_ = 0;
};

class HttpCancelTest : public HttpFixture {
 protected:
  HttpCancelTest() {
    use({.resolver = {
             .lookup = [lookup = lookup](const std::string& host) { return (*lookup)(host); }}});
    server.on("/", Server::ok("ok"));
    server.on("/silent", Server::Reply{});
    server.on("/half", {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"});
  }
  ~HttpCancelTest() override { lookup->release(); }
  std::string named(const std::string& target) {
    return "http://known.example:" + std::to_string(server.port()) + target;
  }

  std::shared_ptr<SlowLookup> lookup = std::make_shared<SlowLookup>();
};

TEST_F(HttpCancelTest, CancelsAtEveryStageWithoutCompletion) {
  auto fresh = browser();
  start(*fresh, server.url("/"));
  engine->cancel(fresh->exchange);

  auto resolving = browser();
  start(*resolving, named("/"));
  run_until([&] { return lookup->asked() == 1; });
  engine->cancel(resolving->exchange);

  auto waiting = browser();
  start(*waiting, server.url("/silent"));
  run_until([&] { return !server.requests().empty(); });
  engine->cancel(waiting->exchange);

  auto reading = browser();
  start(*reading, server.url("/half"));
  run_until([&] { return reading->response().content_length == 3; });
  engine->cancel(reading->exchange);

  auto failing = browser();
  start(*failing, "http://127.0.0.1:99999/");
  engine->cancel(failing->exchange);

  lookup->release();
  settle();
  for (const auto* b : {&fresh, &resolving, &waiting, &reading, &failing}) {
    EXPECT_FALSE((*b)->done);
    EXPECT_EQ((*b)->exchange.transfer, nullptr);
    EXPECT_EQ(fetch(**b, server.url("/")).body, "ok");
    engine->cancel((*b)->exchange);  // nothing is in flight: nothing happens
  }
}

TEST_F(HttpCancelTest, ACancelledRequestsConnectionIsClosedAndNotReused) {
  auto b = browser();
  start(*b, server.url("/silent"));
  run_until([&] { return !server.requests().empty(); });
  engine->cancel(b->exchange);
  run_until([&] { return server.open() == 0; });
  EXPECT_EQ(fetch(*b, server.url("/")).body, "ok");
}

TEST_F(HttpCancelTest, ACompletionMayCancelAnotherRequestThatHasJustEnded) {
  auto first = browser();
  auto second = browser();
  int done = 0;
  for (auto* pair : {&first, &second}) {
    Browser& mine = **pair;
    Browser& other = pair == &first ? *second : *first;
    mine.request().url = "http://127.0.0.1:99999/";  // both fail in the same turn
    engine->start(*mine.client, mine.exchange, [&] {
      ++done;
      engine->cancel(other.exchange);
    });
  }
  settle();
  EXPECT_EQ(done, 1);
}

TEST_F(HttpCancelTest, ACompletionMayDestroyItsClient) {
  auto b = browser();
  b->request().url = server.url("/");
  bool done = false;
  engine->start(*b->client, b->exchange, [&] {
    b.reset();
    done = true;
  });
  run_until([&] { return done && server.open() == 0; });
}

TEST_F(HttpCancelTest, DestroyingAClientCancelsWhatItHasInFlight) {
  auto b = browser();
  start(*b, server.url("/silent"));
  auto other = browser();
  start(*other, named("/"));
  run_until([&] { return !server.requests().empty(); });
  b->client.reset();
  other->client.reset();
  lookup->release();
  settle();
  EXPECT_FALSE(b->done);
  EXPECT_FALSE(other->done);
  EXPECT_EQ(server.open(), 0U);
}

TEST_F(HttpCancelTest, NeverCompletesInsideStart) {
  auto b = browser();
  for (const char* url : {"http://127.0.0.1:99999/", "http://127.0.0.1:1/", "nonsense"}) {
    start(*b, url);
    EXPECT_FALSE(b->done) << url;
    run_until([&] { return b->done; });
    EXPECT_TRUE(b->response().failed()) << url;
  }
}

TEST_F(HttpCancelTest, UsersWhoseRequestsFailAtOnceLeaveTheLoopToTheOthers) {
  auto hasty = browser();
  hasty->request().url = "http://127.0.0.1:99999/";
  bool stop = false;
  std::function<void()> again = [&] {
    if (!stop) engine->start(*hasty->client, hasty->exchange, [&] { again(); });
  };
  again();
  auto b = browser();
  EXPECT_EQ(fetch(*b, server.url("/")).body, "ok");
  stop = true;
  settle();
}

TEST_F(HttpCancelTest, TimesOutWhileWaitingReadingAndResolving) {
  auto waiting = browser();
  auto reading = browser();
  auto resolving = browser();
  start(*waiting, server.url("/silent"));
  start(*reading, server.url("/half"));
  start(*resolving, named("/"));
  run_until([&] { return reading->response().content_length == 3; });
  clock.advance(std::chrono::milliseconds(59'999));
  settle();
  EXPECT_FALSE(waiting->done || reading->done || resolving->done);
  clock.advance(std::chrono::milliseconds(1));
  run_until([&] { return waiting->done && reading->done && resolving->done; });
  for (const auto* b : {&waiting, &reading, &resolving}) {
    EXPECT_EQ((*b)->response().error, HttpErrorKind::kTimeout);
    EXPECT_EQ((*b)->response().response_time, std::chrono::seconds(60));
  }
  EXPECT_EQ(waiting->response().error_text,
            "RetriesExceeded('" + server.url("/silent") + "', 0, original=timed out)");
  EXPECT_EQ(waiting->response().status, 0);
  EXPECT_EQ(reading->response().error_text, "TimeoutError('timed out')");
  EXPECT_EQ(reading->response().status, 200);
  EXPECT_EQ(resolving->response().error_text,
            "RetriesExceeded('" + named("/") + "', 0, original=timed out)");
}

TEST_F(HttpCancelTest, EachRequestHasItsOwnDeadline) {
  server.on("/late", Server::Reply{});
  auto b = browser();
  fetch(*b, server.url("/"));
  clock.advance(std::chrono::seconds(59));
  start(*b, server.url("/late"));  // a second before the first one's deadline
  run_until([&] { return server.requests().size() == 2; });
  clock.advance(std::chrono::seconds(59));
  settle();
  EXPECT_FALSE(b->done);
  clock.advance(std::chrono::seconds(1));
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().error, HttpErrorKind::kTimeout);

  b->request().timeout = std::chrono::seconds(5);  // shorter than what is armed
  start(*b, server.url("/late"));
  clock.advance(std::chrono::seconds(5));
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().response_time, std::chrono::seconds(5));
}

TEST_F(HttpCancelTest, ASlowLookupDelaysNoOtherUser) {
  std::vector<std::unique_ptr<Browser>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(browser());
    start(*slow.back(), named("/"));
  }
  auto quick = browser();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(fetch(*quick, server.url("/")).body, "ok");
  for (int i = 0; i < 100; ++i) slow.pop_back();  // killed while they wait
  run_until([&] { return lookup->asked() == 1; });
  clock.advance(std::chrono::seconds(3));
  lookup->release();
  run_until([&] { return std::all_of(slow.begin(), slow.end(), [](auto& b) { return b->done; }); });
  for (const auto& b : slow) {
    EXPECT_EQ(b->response().body, "ok");
    EXPECT_EQ(b->response().phases.resolved, std::chrono::seconds(3));
    EXPECT_EQ(b->response().response_time, std::chrono::seconds(3));
  }
  EXPECT_EQ(lookup->asked(), 1);
}

TEST_F(HttpCancelTest, RedirectsToANewHostUseTheSameResolver) {
  lookup->release();
  server.on("/a", Server::redirect(302, named("/")));
  auto b = browser();
  EXPECT_EQ(fetch(*b, server.url("/a")).body, "ok");
  EXPECT_EQ(server.requests().back().header("Host"),
            "known.example:" + std::to_string(server.port()));
  EXPECT_EQ(lookup->asked(), 1);
}

TEST_F(HttpCancelTest, NewConnectionsFollowANameThatMoves) {
  const auto moved = std::make_shared<std::atomic<bool>>(false);
  use({.resolver = {.lookup = [moved](const std::string&) {
         return LookupResult{{*moved ? "127.0.0.2" : "127.0.0.1"}, ""};  // nobody at the second
       }}});
  auto old = browser();
  EXPECT_EQ(fetch(*old, named("/")).body, "ok");
  *moved = true;
  clock.advance(std::chrono::seconds(60));
  EXPECT_EQ(fetch(*old, named("/")).body, "ok");  // starts the refresh
  auto fresh = browser();
  run_until([&] { return fetch(*fresh, named("/")).failed() || (fresh = browser(), false); });
  EXPECT_EQ(fresh->response().error_text, "ConnectionRefusedError(111, 'Connection refused')");
  EXPECT_EQ(fetch(*old, named("/")).body, "ok") << "an open connection stays";
}

TEST_F(HttpCancelTest, AnUnknownNameFailsAsInStock) {
  lookup->release();
  auto b = browser();
  EXPECT_EQ(fetch(*b, "http://unknown.example/").error_text,
            "gaierror(-2, 'Name or service not known')");
  EXPECT_EQ(b->response().error, HttpErrorKind::kResolve);
}

// On the real clock, because curl paces its attempts by it.
class HttpAddresses : public testing::Test {
 protected:
  // What a request is answered whose host has these addresses.
  HttpResponse fetch(const std::vector<std::string>& addresses) {
    const auto engine =
        make_curl_engine(loop, {.resolver = {.lookup = [addresses](const std::string&) {
                                  return LookupResult{addresses, ""};
                                }}});
    const auto client = engine->new_client();
    Exchange exchange;
    exchange.request.url = "http://known.example:" + std::to_string(server.port()) + "/";
    exchange.request.timeout = std::chrono::seconds(20);
    server.on("/", fakes::ScriptedServer::ok("ok"));
    engine->start(*client, exchange, [&] { loop.stop(); });
    loop.run();
    return exchange.response;
  }

  const SystemClock clock;
  EventLoop loop{clock};
  fakes::ScriptedServer server{loop};
};

TEST_F(HttpAddresses, AreTriedInTurn) {
  const HttpResponse response = fetch({"::1", "127.0.0.2", "127.0.0.1"});
  EXPECT_EQ(response.error_text, "");
  EXPECT_EQ(response.body, "ok");
}

// RFC 8305, "happy eyeballs": the other family gets its turn while the first attempt is still out.
TEST_F(HttpAddresses, AnIpv6AddressThatDoesNotAnswerDelaysNobodyForLong) {
  const DeafPort deaf("::1", server.port());
  if (deaf.port() == 0) GTEST_SKIP() << "there is no IPv6 here";
  const HttpResponse response = fetch({"::1", "127.0.0.1"});
  EXPECT_EQ(response.error_text, "");
  EXPECT_EQ(response.body, "ok");
  EXPECT_LT(response.response_time, std::chrono::seconds(5)) << "by itself TCP gives up in minutes";
}

}  // namespace
}  // namespace locust::worker
