#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/fakes/simulated_loop.h"
#include "worker/http/resolver.h"

namespace locust::worker {
namespace {

using testing::ElementsAre;

// Shared with lookups that outlast a test.
struct NameServer {
  std::mutex mutex;
  LookupResult answer{{"10.0.0.1"}, ""};  // guarded by mutex
  std::vector<std::string> asked;         // guarded by mutex
};

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() {
    ResolverOptions options;
    options.lookup = [names = names](const std::string& host) {
      const std::lock_guard lock(names->mutex);
      names->asked.push_back(host);
      return names->answer;
    };
    resolver = std::make_unique<Resolver>(loop, options);
  }
  void run_until(const std::function<bool()>& condition) {
    for (int turns = 0; !condition() && turns < 500; ++turns)
      loop.run_once(std::chrono::milliseconds(10));
    ASSERT_TRUE(condition());
  }
  LookupResult resolve(const std::string& host) {
    std::optional<LookupResult> result;
    resolver->resolve(host, [&](const LookupResult& r) { result = r; });
    run_until([&] { return result.has_value(); });
    return *result;
  }
  void set_answer(LookupResult result) {
    const std::lock_guard lock(names->mutex);
    names->answer = std::move(result);
  }
  std::size_t lookups() {
    const std::lock_guard lock(names->mutex);
    return names->asked.size();
  }

  fakes::ManualClock clock;
  EventLoop loop{clock};
  std::shared_ptr<NameServer> names = std::make_shared<NameServer>();
  std::unique_ptr<Resolver> resolver;
};

TEST_F(ResolverTest, KnowsNothingBeforeItIsAsked) { EXPECT_EQ(resolver->find("a"), nullptr); }

TEST_F(ResolverTest, KeepsAnAnswerForItsTimeToLive) {
  EXPECT_THAT(resolve("a").addresses, ElementsAre("10.0.0.1"));
  clock.advance(std::chrono::seconds(59));
  ASSERT_NE(resolver->find("a"), nullptr);
  EXPECT_THAT(resolver->find("a")->list, ElementsAre("10.0.0.1"));
  EXPECT_EQ(lookups(), 1U);
}

TEST_F(ResolverTest, RefreshesInTheBackgroundWhileTheOldAnswerServes) {
  resolve("a");
  const auto generation = resolver->find("a")->generation;
  set_answer({{"10.0.0.2"}, ""});
  clock.advance(std::chrono::seconds(60));
  EXPECT_THAT(resolver->find("a")->list, ElementsAre("10.0.0.1"));
  run_until([&] { return resolver->find("a")->generation != generation; });
  EXPECT_THAT(resolver->find("a")->list, ElementsAre("10.0.0.2"));
  EXPECT_EQ(lookups(), 2U);
}

TEST_F(ResolverTest, TheSameAnswerIsNoNewGeneration) {
  resolve("a");
  const auto generation = resolver->find("a")->generation;
  clock.advance(std::chrono::seconds(60));
  resolver->find("a");
  run_until([&] { return resolver->find("a")->expires > clock.now(); });
  EXPECT_EQ(resolver->find("a")->generation, generation);
}

TEST_F(ResolverTest, KeepsTheOldAnswerIfTheRefreshFails) {
  resolve("a");
  set_answer({{}, "gaierror(-3, 'Temporary failure in name resolution')"});
  clock.advance(std::chrono::seconds(60));
  resolver->find("a");
  run_until([&] { return resolver->find("a")->expires > clock.now(); });
  EXPECT_THAT(resolver->find("a")->list, ElementsAre("10.0.0.1"));
}

TEST_F(ResolverTest, DoesNotKeepFailures) {
  set_answer({{}, "gaierror(-2, 'Name or service not known')"});
  EXPECT_EQ(resolve("a").error, "gaierror(-2, 'Name or service not known')");
  EXPECT_EQ(resolver->find("a"), nullptr);
  set_answer({{"10.0.0.1"}, ""});
  EXPECT_THAT(resolve("a").addresses, ElementsAre("10.0.0.1"));
}

TEST_F(ResolverTest, AsksOnceForAllWhoWait) {
  int answered = 0;
  std::unique_lock lock(names->mutex);  // holds the lookup back
  for (int i = 0; i < 100; ++i) resolver->resolve("a", [&](const LookupResult&) { ++answered; });
  const auto forgotten = resolver->resolve("a", [&](const LookupResult&) { answered += 1000; });
  resolver->forget(forgotten);
  lock.unlock();
  run_until([&] { return answered == 100; });
  EXPECT_EQ(lookups(), 1U);
}

TEST_F(ResolverTest, AWaiterMayForgetAnotherAndAskAgain) {
  int answered = 0;
  Resolver::WaiterId second = 0;
  resolver->resolve("a", [&](const LookupResult&) {
    ++answered;
    resolver->forget(second);
    resolver->resolve("a", [&](const LookupResult&) { answered += 10; });
  });
  second = resolver->resolve("a", [&](const LookupResult&) { answered += 1000; });
  run_until([&] { return answered == 11; });
}

TEST_F(ResolverTest, ForgetsTheOldestOfMoreThanTenThousandNames) {
  for (int i = 0; i <= 10'000; ++i) {
    resolve("host" + std::to_string(i));
    clock.advance(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(resolver->find("host0"), nullptr);
  EXPECT_NE(resolver->find("host10000"), nullptr);
  EXPECT_EQ(resolve("host0").addresses, std::vector<std::string>{"10.0.0.1"});
  EXPECT_NE(resolver->find("host0"), nullptr);
}

TEST_F(ResolverTest, GoesAwayWhileALookupIsUnderWay) {
  bool answered = false;
  {
    const std::lock_guard lock(names->mutex);
    resolver->resolve("a", [&](const LookupResult&) { answered = true; });
    resolver.reset();
  }
  for (int i = 0; i < 10; ++i) loop.run_once(std::chrono::milliseconds(1));
  EXPECT_FALSE(answered);
}

TEST(SystemLookup, FindsLocalhostAndNamesFailuresAsPython) {
  EXPECT_THAT(system_lookup("localhost").addresses,
              testing::Contains(testing::AnyOf("127.0.0.1", "::1")));
  EXPECT_EQ(system_lookup("127.0.0.1").addresses, std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(system_lookup("no such name").error, "gaierror(-2, 'Name or service not known')");
}

}  // namespace
}  // namespace locust::worker
