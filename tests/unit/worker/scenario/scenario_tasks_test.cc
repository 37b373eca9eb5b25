// Task sets, sequences and iterations of a scenario, run as a user runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/unit/worker/scenario/scenario_run_fixture.h"
#include "tests/unit/worker/user/drawable_tasks.h"

namespace locust::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Sleeps = std::vector<Duration>;

class ScenarioTaskSets : public ScenarioRun {
 protected:
  ScenarioTaskSets() {
    events_.exception = [this](const User&, const std::string& message, const std::string&) {
      exceptions_.push_back(message);
    };
  }

  // The whole life of the first class's user: what it has requested.
  std::vector<std::string> live(const std::string& text) {
    load_text("host: http://shop\n" + text);
    user_->run();
    EXPECT_EQ(user_->state(), UserState::kStopped);
    std::vector<std::string> paths;
    for (const HttpRequest& r : context_.requests) {
      paths.push_back(r.url.substr(std::string("http://shop").size()));
    }
    return paths;
  }

  std::vector<std::string> exceptions_;
};

TEST_F(ScenarioTaskSets, RunUntilInterruptedAndAreFollowedAtOnce) {
  EXPECT_THAT(live(R"(
users:
  U:
    sequence: true
    wait_time: constant(1)
    tasks:
      home: [get: /home]
      forum:
        sequence: true
        on_start: [get: /forum]
        tasks:
          read: [get: /read]
          thread:
            sequence: true
            wait_time: constant(5)
            on_start: [get: /thread]
            tasks:
              write: [get: /write]
              leave: [interrupt: true]
            on_stop: [get: /thread/left]
          leave: [interrupt: true, get: /never]
        on_stop: [get: /forum/left]
      end: [stop_user: true]
    on_stop: [get: /stop]
)"),
              ElementsAre("/home", "/forum", "/read", "/thread", "/write", "/thread/left",
                          "/forum/left", "/stop"));
  // After home, read and write, each with its set's time; none after a set that was interrupted.
  EXPECT_EQ(context_.sleeps, (Sleeps{seconds(1), seconds(1), seconds(5), seconds(0), seconds(0)}));
}

TEST_F(ScenarioTaskSets, AreDrawnByWeightAndDrawTheirTasksSo) {
  load_text(R"(
users:
  U:
    host: http://shop
    iterations: 3000
    tasks:
      single: {weight: 2, steps: [{get: /single, name: single}]}
      set:
        tasks:
          often: {weight: 3, steps: [{get: /often, name: often}, interrupt: true]}
          seldom: [{get: /seldom, name: seldom}, interrupt: true]
)");
  user_->run();
  const auto count = [this](const char* name) { return stats_.find(name, "GET")->num_requests; };
  EXPECT_NEAR(static_cast<double>(count("single")), 2000, 150);
  EXPECT_NEAR(static_cast<double>(count("often")), 750, 120);
  EXPECT_NEAR(static_cast<double>(count("seldom")), 250, 80);
}

TEST_F(ScenarioTaskSets, WaitAsTheirClassWithItsMemoryUnlessTheySayOtherwise) {
  context_.respond = [](const HttpRequest&) {
    return fakes::FakeUserContext::response(200, {}, 1000);
  };
  live(R"(
users:
  U:
    sequence: true
    wait_time: constant_pacing(10)
    iterations: 7
    tasks:
      home: [get: /home]
      plain: {sequence: true, tasks: {a: [get: /a], leave: [interrupt: true]}}
      paced:
        sequence: true
        wait_time: constant_pacing(20)
        on_start: [get: /slow]
        tasks: {b: {weight: 2, steps: [get: /b]}, leave: [interrupt: true]}
)");
  // The set's own memory begins when it is entered; the class's goes on meanwhile.
  EXPECT_EQ(context_.sleeps,
            (Sleeps{seconds(9), seconds(9), seconds(0), seconds(18), seconds(19), seconds(0)}));
}

TEST_F(ScenarioTaskSets, ArePacedWithoutCatchingUpAsInLocust) {
  const auto sleeps_with = [this](const std::string& wait_time) {
    context_.sleeps.clear();
    for (const double ms : {500, 3000, 500, 0}) {
      context_.responses.push_back(fakes::FakeUserContext::response(200, {}, ms));
    }
    live("users: {U: {iterations: 5, wait_time: '" + wait_time + "', tasks: {t: [get: /]}}}\n");
    return context_.sleeps;
  };
  const Sleeps expected = {seconds(1.5), seconds(0), seconds(1.5), seconds(2)};
  EXPECT_EQ(sleeps_with("constant_pacing(2)"), expected);
  EXPECT_EQ(sleeps_with("constant_throughput(0.5)"), expected);
}

TEST_F(ScenarioTaskSets, AreLeftFromWithinBlocksAndNamedSteps) {
  EXPECT_THAT(live(R"(
steps:
  leave: [{if: status == 200, then: [{repeat: 3, do: [interrupt: true]}]}]
users:
  U:
    sequence: true
    tasks:
      set:
        tasks:
          t: [{transaction: visit, do: [get: /a, run: leave, get: /never]}]
      end: [stop_user: true]
)"),
              ElementsAre("/a"));
  EXPECT_THAT(exceptions_, IsEmpty());
  EXPECT_EQ(context_.sleeps, (Sleeps{seconds(0)}));
}

TEST_F(ScenarioTaskSets, MayBeLeftByTheAfterOfARequest) {
  answer(200);
  answer(404);
  EXPECT_THAT(live(R"(
users:
  U:
    sequence: true
    tasks:
      set:
        tasks:
          t:
            - get: /a
              after: [{if: failed, then: [interrupt: true]}]
      end: [stop_user: true]
)"),
              ElementsAre("/a", "/a"));
  EXPECT_THAT(failures(), ElementsAre("GET /a: LocustBadStatusCode(code=404)"));
  EXPECT_EQ(context_.sleeps, (Sleeps{seconds(0), seconds(0)}));
}

TEST_F(ScenarioTaskSets, ThatAnInterruptInOnStartRefusesAreNotStopped) {
  EXPECT_THAT(live(R"(
users:
  U:
    sequence: true
    tasks:
      set:
        on_start: [get: /closed, interrupt: true]
        tasks: {t: [get: /never]}
        on_stop: [get: /never]
      end: [stop_user: true]
)"),
              ElementsAre("/closed"));
}

TEST_F(ScenarioTaskSets, GoOnAfterAnExceptionInATask) {
  EXPECT_THAT(live(R"(
users:
  U:
    iterations: 3
    wait_time: constant(2)
    tasks:
      set: {sequence: true, tasks: {bad: [get: /bad, fail: no stock], good: [get: /good]}}
)"),
              ElementsAre("/bad", "/good", "/bad"));
  EXPECT_THAT(exceptions_, ElementsAre("no stock", "no stock"));
  EXPECT_EQ(context_.sleeps, (Sleeps{seconds(2), seconds(2)}));
}

TEST_F(ScenarioTaskSets, AreNotEnteredAfterAnExceptionInOnStart) {
  EXPECT_THAT(live(R"(
users:
  U:
    sequence: true
    tasks:
      set: {on_start: [fail: closed], tasks: {t: [get: /never]}, on_stop: [get: /never]}
      end: [get: /end, stop_user: true]
)"),
              ElementsAre("/end"));
  EXPECT_THAT(exceptions_, ElementsAre("closed"));
}

TEST_F(ScenarioTaskSets, AreLeftFromTheInsideWhenTheUserIsStoppedInOne) {
  context_.kill_at(context_.clock().now() + seconds(30));
  EXPECT_THAT(live(R"(
users:
  U:
    wait_time: constant(60)
    tasks:
      outer:
        tasks:
          inner: {tasks: {t: [get: /t]}, on_stop: [get: /inner/left]}
        on_stop: [get: /outer/left]
    on_stop: [get: /stop]
)"),
              ElementsAre("/t", "/inner/left", "/outer/left", "/stop"));
}

TEST_F(ScenarioTaskSets, RunTheirOwnTasksBeforeThoseOfTheSetsAroundThem) {
  EXPECT_THAT(live(R"(
users:
  U:
    iterations: 1
    tasks:
      look: {weight: 0.000001, steps: [get: /class/look]}
      home: {weight: 0.000001, steps: [run: look]}
      set:
        on_start: [run: look]
        tasks:
          t: {weight: 1000000, steps: [run: look, run: home]}
          look: [get: /set/look]
        on_stop: [run: look]
)"),
              ElementsAre("/set/look", "/set/look", "/class/look", "/set/look"));
}

TEST_F(ScenarioTaskSets, CountIterationsOfTasksAndNotOfSets) {
  EXPECT_THAT(live(R"(
users:
  U:
    sequence: true
    iterations: 5
    wait_time: constant(1)
    tasks:
      home: [get: "/home/${iteration}"]
      set:
        sequence: true
        on_start: [get: "/entered/${iteration}"]
        tasks:
          a: [get: "/a/${iteration}"]
          b: [get: "/b/${iteration}", interrupt: true]
        on_stop: [get: "/left/${iteration}"]
    on_stop: [get: "/stop/${iteration}"]
)"),
              ElementsAre("/home/0", "/entered/1", "/a/1", "/b/2", "/left/3", "/home/3",
                          "/entered/4", "/a/4", "/left/5", "/stop/5"));
  EXPECT_EQ(context_.sleeps, (Sleeps{seconds(1), seconds(1), seconds(0), seconds(1)}))
      << "no wait after the last task";
}

TEST_F(ScenarioTaskSets, RunASequenceRoundAndRoundByWholeWeights) {
  EXPECT_THAT(live(R"(
users:
  U:
    sequence: true
    iterations: 6
    tasks:
      a: {weight: 2, steps: [get: /a]}
      b: [get: /b]
      c: [get: /c]
)"),
              ElementsAre("/a", "/a", "/b", "/c", "/a", "/a"));
}

TEST_F(ScenarioTaskSets, KeepResponsesThatALaterTaskOrHookReads) {
  load_text(R"(
users:
  U:
    host: http://shop
    sequence: true
    iterations: 2
    tasks:
      set:
        sequence: true
        tasks:
          a: [get: /read_later]
          b: [set: {x: "${body}"}, get: /not_read, get: /read_at_end]
        on_stop: [set: {y: "${json('')}"}, get: /end]
)");
  context_.respond = [](const HttpRequest&) { return fakes::FakeUserContext::response(200, "{}"); };
  user_->run();
  std::vector<std::string> kept;
  for (const HttpRequest& r : context_.requests) {
    if (r.keep_body) kept.push_back(r.url.substr(std::string("http://shop").size()));
  }
  EXPECT_THAT(kept, ElementsAre("/read_later", "/read_at_end", "/end"));
}

constexpr const char* kForum = R"(
host: http://shop
users:
  U:
    weight: 5
    iterations: 2000
    tasks:
      home: {weight: 100, tags: [front], steps: [get: /home]}
      forum:
        tags: [forum]
        on_start: [get: /never]
        tasks:
          read: {weight: 7, steps: [get: /read]}
          thread:
            tasks:
              write: {tags: [post], steps: [get: /write, interrupt: true, get: /never]}
)";

class ScenarioTaskChoice : public ScenarioTaskSets {
 protected:
  std::vector<std::string> drawn() { return drawable_tasks(*user_); }
  void filter(std::vector<std::string> tags, std::vector<std::string> exclude_tags) {
    program_->set_options({.tags = std::move(tags), .exclude_tags = std::move(exclude_tags)});
    program_->begin_test({});
  }
};

TEST_F(ScenarioTaskChoice, IsAmongTheTasksOfAllSetsAsEqualsWithEqualWeights) {
  load_text(kForum);
  program_->assign_equal_weights();
  EXPECT_EQ(program_->user_classes().at(0).weight, 1);
  user_->run();
  std::map<std::string, int> counts;
  for (const HttpRequest& r : context_.requests) ++counts[r.url];
  EXPECT_THAT(counts, ElementsAre(::testing::Pair("http://shop/home", ::testing::Gt(600)),
                                  ::testing::Pair("http://shop/read", ::testing::Gt(600)),
                                  ::testing::Pair("http://shop/write", ::testing::Gt(600))));
  EXPECT_THAT(exceptions_, IsEmpty());
}

TEST_F(ScenarioTaskChoice, HeedsTheTagsOfTheSetsThatWereWithEqualWeights) {
  load_text(kForum);
  program_->assign_equal_weights();
  filter({}, {});
  EXPECT_THAT(drawn(), ElementsAre("home", "read", "write"));
  filter({"forum"}, {});
  EXPECT_THAT(drawn(), ElementsAre("read", "write"));
  filter({}, {"post", "front"});
  EXPECT_THAT(drawn(), ElementsAre("read"));
  program_->set_tasks("U", {"write"});
  EXPECT_THAT(drawn(), ElementsAre("write"));
}

TEST_F(ScenarioTaskChoice, IsThatOfConfigUsers) {
  load_text(kForum);
  UserConfig config{.user_class_name = "U"};
  config.host = "http://other";
  config.tasks = {"home"};
  ASSERT_TRUE(program_->configure({config}));
  filter({}, {});
  EXPECT_THAT(drawn(), ElementsAre("home"));
  EXPECT_EQ(program_->user_classes().at(0).host, "http://other");
  const auto unknown = program_->configure({{.user_class_name = "V"}, {.user_class_name = "W"}});
  EXPECT_EQ(unknown.error(), "--config-users names unknown user classes: V, W");
}

}  // namespace
}  // namespace locust::worker
