// Which names are looked up for a request: never by curl, whose lookups are threads of their own that
// know neither `resolve` nor `dns_ttl`, and not those that a proxy looks up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <mutex>
#include <set>

#include "tests/unit/worker/http/http_fixture.h"
#include "worker/http/address_pins.h"

namespace locust::worker {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class HttpNames : public HttpFixture {
 protected:
  // Every name ends at the server, so that only this lookup can have given an address.
  HttpNames() {
    use_names({});
    server.on("/", Server::ok("ok"));
  }
  void use_names(EngineOptions options) {
    options.resolver.lookup = [this](const std::string& host) {
      const std::lock_guard lock(mutex_);
      asked_.insert(host);
      return LookupResult{{"127.0.0.1"}, ""};
    };
    use(std::move(options));
  }
  ~HttpNames() override { engine.reset(); }

  std::string at(const std::string& host) const {
    return "http://" + host + ":" + std::to_string(server.port());
  }
  std::string body(Browser& b, const std::string& url) {
    const HttpResponse& response = fetch(b, url);
    return response.failed() ? response.error_text : response.body;
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return {asked_.begin(), asked_.end()};
  }

 private:
  std::mutex mutex_;
  std::multiset<std::string> asked_;
};

TEST_F(HttpNames, OfAProxyIsLookedUpAndNotThoseThatItLooksUpItself) {
  server.on("http://shop.invalid/", Server::ok("by the proxy"));
  server.on("http://other.invalid/", Server::ok("by the proxy"));
  auto b = browser();
  b->request().route.proxy = at("proxy.invalid");
  EXPECT_EQ(body(*b, "http://shop.invalid/"), "by the proxy");
  EXPECT_EQ(body(*b, "http://other.invalid/"), "by the proxy");
  EXPECT_THAT(asked(), ElementsAre("proxy.invalid"));
  b->request().route.proxy.clear();
  EXPECT_EQ(body(*b, at("direct.invalid") + "/"), "ok");
  EXPECT_THAT(asked(), ElementsAre("direct.invalid", "proxy.invalid"));
}

TEST_F(HttpNames, IsLookedUpAsEverWhereTheEnvironmentHasNoProxy) {
  for (const char* name :
       {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    ::unsetenv(name);
  }
  use_names({});
  auto b = browser();
  b->request().route.proxy = "env";
  EXPECT_EQ(body(*b, at("shop.invalid") + "/"), "ok");
  EXPECT_THAT(asked(), ElementsAre("shop.invalid"));
}

TEST_F(HttpNames, ThatTheScenarioPinsAreNotLookedUp) {
  use_names({.resolver = {.fixed = {{"pinned.invalid", "127.0.0.1"}}}});
  auto b = browser();
  EXPECT_EQ(body(*b, at("pinned.invalid") + "/"), "ok");
  EXPECT_THAT(asked(), ElementsAre());
}

TEST_F(HttpNames, OfMoreHostsThanCurlKeepsAreKnownAllTheSame) {
  use_names({.max_pinned_hosts = 4});
  auto always = browser();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 10; ++i) {
      auto b = browser();
      EXPECT_EQ(body(*b, at("h" + std::to_string(i) + ".invalid") + "/"), "ok");
      EXPECT_EQ(body(*always, at("h" + std::to_string(i % 3) + ".invalid") + "/"), "ok");
    }
  }
  EXPECT_EQ(asked().size(), 10U) << "each once";
}

TEST(AddressPinsTest, TakesOutTheHalfPutThereLongestAgo) {
  AddressPins pins(3);
  EXPECT_THAT(pins.put("a:80", 1).value(), ElementsAre());
  EXPECT_EQ(pins.put("a:80", 1), std::nullopt) << "it is there";
  EXPECT_THAT(pins.put("b:80", 2).value(), ElementsAre());
  EXPECT_THAT(pins.put("c:80", 3).value(), ElementsAre());
  EXPECT_THAT(pins.put("a:80", 4).value(), ElementsAre()) << "it has moved";
  EXPECT_TRUE(pins.holds(1));
  EXPECT_THAT(pins.put("d:80", 5).value(), UnorderedElementsAre("a:80", "b:80", "c:80"));
  EXPECT_EQ(pins.size(), 1U);
  EXPECT_FALSE(pins.holds(4));
  EXPECT_TRUE(pins.holds(5));
  EXPECT_THAT(pins.put("a:80", 4).value(), ElementsAre()) << "it has to be put there again";
}

TEST(AddressPinsTest, StayBoundedWhateverComes) {
  AddressPins pins(100);
  for (std::uint64_t i = 1; i < 5000; ++i) {
    pins.put(std::to_string(i) + ":80", i % 7 == 0 ? 7 : i);
    EXPECT_LE(pins.size(), 100U);
  }
}

}  // namespace
}  // namespace locust::worker
