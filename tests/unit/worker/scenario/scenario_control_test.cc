// Steps that hold other steps, or leave what they stand in.
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "common/base/log.h"
#include "tests/unit/worker/scenario/scenario_run_fixture.h"

namespace locust::worker {
namespace {

using fakes::FakeUserContext;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ScenarioControl : public ScenarioRun {
 protected:
  // "METHOD path" of each request.
  std::vector<std::string> sent() {
    std::vector<std::string> lines;
    for (const HttpRequest& r : context_.requests) {
      lines.push_back(r.method + " " + r.url.substr(std::string("http://shop").size()));
    }
    return lines;
  }
  // The paths whose bodies were kept.
  std::vector<std::string> kept() {
    std::vector<std::string> paths;
    for (const HttpRequest& r : context_.requests) {
      if (r.keep_body) paths.push_back(r.url.substr(std::string("http://shop").size()));
    }
    return paths;
  }
};

TEST_F(ScenarioControl, TakesTheBranchOfTheCondition) {
  answer(200, R"({"order": 5})");
  answer(404);
  EXPECT_EQ(run(R"(
- get: /1
  save: {order: json('/order') or ''}
- if: order
  then:
    - get: /then/${order}
  else:
    - get: /else
- if: status == 200
  then: [get: /2]
  else:
    - if: status == 404
      then: [get: /3]
- if: status == 500
  then: [get: /4]
- get: /5
)"),
            "");
  EXPECT_THAT(sent(), ElementsAre("GET /1", "GET /then/5", "GET /3", "GET /5"));
}

TEST_F(ScenarioControl, NamesThePlaceOfAConditionThatIsWrong) {
  EXPECT_EQ(run("- get: /1\n- if: 1 / 0\n  then: [get: /2]"), "division by zero");
  EXPECT_EQ(traceback_, "  File \"f.yaml\", line 7, in U\n");
  EXPECT_EQ(run("- get: /1\n- if: true\n  then:\n    - wait: 1 / 0"), "division by zero");
  EXPECT_EQ(traceback_, "  File \"f.yaml\", line 9, in U\n") << "the innermost";
}

TEST_F(ScenarioControl, EndsTheTaskFromWithinBlocks) {
  EXPECT_EQ(run(R"(
- run: inner
- get: /after
)",
                "", R"(steps:
  inner:
    - repeat: 3
      do:
        - get: /in
        - if: true
          then: [end_task: true, get: /no]
        - get: /no
    - get: /no
)"),
            "");
  EXPECT_THAT(sent(), ElementsAre("GET /in"));
}

TEST_F(ScenarioControl, RaisesTheTextOfFailAsAnException) {
  EXPECT_EQ(run("- set: {n: 3}\n- fail: only ${n} left\n- get: /no"), "only 3 left");
  EXPECT_EQ(traceback_, "  File \"f.yaml\", line 7, in U\n");
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ScenarioControl, StopsTheUser) {
  load("- if: true\n  then: [stop_user: true]\n- get: /no");
  EXPECT_THROW(run_task(), StopUser);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ScenarioControl, EndsOnStartAndOnStopByEndTask) {
  load("- get: /t", "on_start: [get: /in, end_task: true, get: /no]\non_stop: [end_task: true]");
  user_->on_start();
  user_->on_stop();
  EXPECT_THAT(sent(), ElementsAre("GET /in"));
}

TEST_F(ScenarioControl, LogsAFewLinesASecond) {
  std::ostringstream lines;
  const auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(lines);
  sink->set_pattern("%n %l %v");
  log::capture(sink);
  EXPECT_EQ(run(R"(
- repeat: 12
  as: i
  do:
    - log: line ${i} {}
- wait: 1s
- log: later
)"),
            "");
  log::capture(nullptr);
  std::string expected;
  for (int i = 0; i < 10; ++i) expected += "locust.user info line " + std::to_string(i) + " {}\n";
  EXPECT_EQ(lines.str(), expected +
                             "locust.user info 2 lines of 'log' steps were left out\n"
                             "locust.user info later\n");
}

TEST_F(ScenarioControl, RepeatsANumberOfTimesOrForEachElement) {
  EXPECT_EQ(run(R"(
- set: {list: [x, y], n: 2}
- repeat: 2
  as: i
  do: [get: "/a${i}"]
- repeat: ["1", "${n}"]
  as: i
  do: [get: "/b${i}"]
- repeat: "${list}"
  as: i
  do: [get: "/c${i}"]
- repeat: "${n}"
  do: [get: /d]
- repeat: 0
  do: [get: /no]
- repeat: "${-1}"
  do: [get: /no]
- repeat: "3"
  do: []
)"),
            "");
  EXPECT_THAT(sent(), ElementsAre("GET /a0", "GET /a1", "GET /b1", "GET /b2", "GET /cx", "GET /cy",
                                  "GET /d", "GET /d"));
}

TEST_F(ScenarioControl, RefusesToRepeatWhatIsNoNumberAndNoList) {
  EXPECT_EQ(run("- repeat: \"${x}\"\n  do: [get: /]\n- set: {x: 1}"),
            "'repeat' needs a number or a list, not null");
  EXPECT_EQ(run("- set: {x: many}\n- repeat: \"${x}\"\n  do: [get: /]"),
            "'repeat' needs a number or a list, not a text");
  EXPECT_EQ(run("- set: {x: soon}\n- within: \"${x}\"\n  do: [get: /]"),
            "'within' needs a time, not a text");
}

TEST_F(ScenarioControl, RepeatsWhileTheConditionHolds) {
  answer(200, R"({"next": 2})");
  answer(200, R"({"next": 3})");
  answer(200, "{}");
  EXPECT_EQ(run(R"(
- set: {page: 1}
- repeat: 9
  while: page
  as: i
  do:
    - get: /${i}/${page}
    - set: {page: "${json('/next')}"}
- repeat: 9
  as: i
  while: i < 2
  do: [get: "/x${i}"]
)"),
            "");
  EXPECT_THAT(sent(), ElementsAre("GET /0/1", "GET /1/2", "GET /2/3", "GET /x0", "GET /x1"));
}

TEST_F(ScenarioControl, RepeatsUntilTheTimeIsOver) {
  EXPECT_EQ(run(R"(
- within: 3s
  as: i
  do: [get: "/a${i}", wait: 1s]
- set: {limit: 1500ms, n: 1.5}
- within: "${n}"
  repeat: 9
  do: [get: /b, wait: 1s]
- within: 2
  repeat: 1
  do: [get: /c]
- within: 0s
  do: [get: /no]
)"),
            "");
  EXPECT_THAT(sent(), ElementsAre("GET /a0", "GET /a1", "GET /a2", "GET /b", "GET /b", "GET /c"));
}

TEST_F(ScenarioControl, GivesTheOthersATurnInALoopThatDoesNothing) {
  EXPECT_EQ(run("- repeat: 1000\n  do: []"), "");
  EXPECT_EQ(context_.sleeps.size(), 10U);
}

TEST_F(ScenarioControl, ChoosesByWeight) {
  EXPECT_EQ(run(R"(
- repeat: 1000
  do:
    - choose:
        - {weight: 3, do: [get: /a]}
        - do: [get: /b]
)"),
            "");
  const auto requests = sent();
  ASSERT_EQ(requests.size(), 1000U);
  const auto a = std::count(requests.begin(), requests.end(), "GET /a");
  EXPECT_GT(a, 700);
  EXPECT_LT(a, 800);
}

TEST_F(ScenarioControl, KeepsBodiesThatAConditionReads) {
  run(R"(
- get: /1
- if: json('/a')
  then: [get: /2]
  else: [get: /3]
- get: /4
)");
  EXPECT_THAT(kept(), ElementsAre("/1"));
}

TEST_F(ScenarioControl, KeepsBodiesThatMayBeReadBehindABranch) {
  const std::string steps = R"(
- get: /1
- if: random_int(0, 0) == ONE
  then: [get: /2]
- set: {x: "${body}"}
- get: /3
- if: true
  then: [get: /4]
  else: [get: /5]
- set: {x: "${body}"}
)";
  const auto with = [&](const std::string& one) {
    std::string text = steps;
    return text.replace(text.find("ONE"), 3, one);
  };
  EXPECT_EQ(run(with("0")), "");
  EXPECT_THAT(sent(), ElementsAre("GET /1", "GET /2", "GET /3", "GET /4"));
  EXPECT_THAT(kept(), ElementsAre("/1", "/2", "/4")) << "/1 is read if /2 is not sent";
  context_.requests.clear();
  EXPECT_EQ(run(with("1")), "");
  EXPECT_THAT(kept(), ElementsAre("/1", "/4"));
}

TEST_F(ScenarioControl, KeepsBodiesThatTheNextPassReads) {
  EXPECT_EQ(run(R"(
- get: /0
- repeat: 2
  do:
    - set: {x: "${body}"}
    - get: /1
    - get: /2
- get: /3
- repeat: 2
  while: body == ''
  do:
    - get: /4
    - get: /5
- get: /6
- choose:
    - do: [set: {x: "${body}"}]
)"),
            "");
  EXPECT_THAT(kept(), ElementsAre("/0", "/2", "/2", "/3", "/5", "/5", "/6"));
}

TEST_F(ScenarioControl, KeepsTheBodyAtTheEndOfATaskThatEndsEarly) {
  EXPECT_EQ(run(R"(
- if: body == 'x'
  then: []
- get: /1
- get: /2
- if: true
  then: [end_task: true]
- get: /3
)"),
            "");
  EXPECT_THAT(kept(), ElementsAre("/2"));
}

TEST_F(ScenarioControl, RunsAfterWhenTheResponseIsCounted) {
  answer(500);
  EXPECT_EQ(run(R"(
- get: /1
  after:
    - get: /log?failed=${failed}&status=${status}&error=${error}
- get: /2
)"),
            "");
  EXPECT_THAT(sent(), ElementsAre("GET /1",
                                  "GET "
                                  "/log?failed=true&status=500&error=LocustBadStatusCode(code=500)",
                                  "GET /2"));
  EXPECT_THAT(failures(), ElementsAre("GET /1: LocustBadStatusCode(code=500)"));
}

TEST_F(ScenarioControl, RunsTheAfterOfTheClassFirstButNotWithinAfter) {
  EXPECT_EQ(run("- get: /1\n  after: [get: /own]\n- get: /2", "after: [get: /class]"), "");
  EXPECT_THAT(sent(), ElementsAre("GET /1", "GET /class", "GET /own", "GET /2", "GET /class"));
}

TEST_F(ScenarioControl, RunsTheAfterOfTheClassInOnStartAndNamedSteps) {
  load("- run: s", "after: [get: /class]\non_start: [get: /in]", "steps:\n  s: [get: /s]\n");
  user_->on_start();
  EXPECT_EQ(run_task(), "");
  EXPECT_THAT(sent(), ElementsAre("GET /in", "GET /class", "GET /s", "GET /class"));
}

TEST_F(ScenarioControl, SendsARequestAgainWithItsTextsEvaluatedAnew) {
  answer(401);
  answer(200, R"({"token": "t1"})");
  answer(200);
  EXPECT_EQ(run(R"(
- set: {token: old}
- get: /orders?t=${token}
- get: /next
)",
                R"(after:
  - if: status == 401
    then: [run: login, retry: 1, get: /no])",
                R"(steps:
  login:
    - post: /login
      save: {token: json('/token')}
)"),
            "");
  EXPECT_THAT(sent(),
              ElementsAre("GET /orders?t=old", "POST /login", "GET /orders?t=t1", "GET /next"));
  EXPECT_THAT(failures(), ElementsAre("GET /orders?t=[token]: LocustBadStatusCode(code=401)"));
  EXPECT_EQ(stats_.find("/orders?t=[token]", "GET")->num_requests, 2) << "each attempt counts";
}

TEST_F(ScenarioControl, SendsARequestAgainSoManyTimesAtMost) {
  context_.respond = [](const HttpRequest&) { return FakeUserContext::response(503); };
  EXPECT_EQ(run(R"(
- get: /1
  after:
    - if: status == 503
      then: [retry: 2, get: /gave-up]
- get: /2
)"),
            "");
  EXPECT_THAT(sent(), ElementsAre("GET /1", "GET /1", "GET /1", "GET /gave-up", "GET /2"));
}

TEST_F(ScenarioControl, CountsTheRetriesOfEachRequestByItself) {
  context_.respond = [](const HttpRequest&) { return FakeUserContext::response(503); };
  EXPECT_EQ(run(R"(
- get: /1
  after:
    - get: /in
      after: [retry: 1]
    - retry: 1
)"),
            "");
  EXPECT_THAT(sent(), ElementsAre("GET /1", "GET /in", "GET /in", "GET /1", "GET /in", "GET /in"));
}

TEST_F(ScenarioControl, EndsTheTaskFromTheAfterOfTheClass) {
  answer(200);
  answer(500);
  EXPECT_EQ(run("- get: /1\n- get: /2\n  after: [get: /no]\n- get: /3",
                "after: [{if: failed, then: [end_task: true]}]"),
            "");
  EXPECT_THAT(sent(), ElementsAre("GET /1", "GET /2"));
}

TEST_F(ScenarioControl, LeavesAfterWhenItThrows) {
  load("- get: /1\n  after: [fail: no]", "after: [get: /class]");
  EXPECT_EQ(run_task(), "no");
  EXPECT_EQ(run_task(), "no");
  EXPECT_THAT(sent(), ElementsAre("GET /1", "GET /class", "GET /1", "GET /class"));
}

TEST_F(ScenarioControl, ChecksEveryRequestOfTheClass) {
  answer(200, "ok");
  answer(404, "ok");
  answer(404, "bad");
  answer(200, "bad");
  EXPECT_EQ(run(R"(
- get: /1
- get: /2
- get: /3
- get: /4
  check: {own: status == 1}
)",
                "check:\n  - says ok: body contains 'ok' or status == 404"),
            "");
  EXPECT_THAT(failures(), ElementsAre("GET /4: says ok")) << "the class's check reads the status";
}

TEST_F(ScenarioControl, LeavesRequestsOutOfTheStatistics) {
  answer(500, R"({"a": 1})");
  EXPECT_EQ(run("- get: /1\n  record: false\n  save: {a: json('/a')}\n- get: /${a}${failed}"), "");
  EXPECT_THAT(rows(), ElementsAre("GET /[a][failed]"));
  EXPECT_EQ(request(1).url, "http://shop/1true");
  EXPECT_THAT(failures(), IsEmpty());
}

TEST_F(ScenarioControl, KeepsBodiesForAfterAndRetries) {
  answer(401);
  EXPECT_EQ(run(R"(
- get: /1
  after:
    - if: status == 401
      then:
        - get: /login
        - retry: 1
- get: /2/${body}
  after:
    - get: /3
    - get: /4
    - retry: 0
    - get: /5
)"),
            "");
  EXPECT_THAT(kept(), ElementsAre("/1", "/login", "/1", "/4"))
      << "/login is the last one when there is no retry left";
  context_.requests.clear();
  EXPECT_EQ(run("- get: /1\n- get: /2", "after: [{if: body contains 'x', then: []}]"), "");
  EXPECT_THAT(kept(), ElementsAre("/1", "/2"));
  context_.requests.clear();
  EXPECT_EQ(run("- get: /1\n  after: [get: /in]\n- get: /2", "check: body != 'x'"), "");
  EXPECT_THAT(kept(), ElementsAre("/1", "/in", "/2"));
}

TEST_F(ScenarioControl, CountsATransactionAsOneRowBesideAggregated) {
  context_.respond = [](const HttpRequest&) { return FakeUserContext::response(200, "", 250); };
  EXPECT_EQ(run(R"(
- set: {kind: big}
- transaction: order ${kind}
  do: [get: /1, wait: 1s, get: /2]
)"),
            "");
  const StatsEntry* row = stats_.find("order big", "TX");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->num_requests, 1);
  EXPECT_EQ(row->total_response_time, 1500);
  EXPECT_EQ(row->num_failures, 0);
  EXPECT_EQ(stats_.total().num_requests, 2);
  EXPECT_EQ(stats_.total().total_response_time, 500);
}

TEST_F(ScenarioControl, FailsATransactionWithItsFirstRequestThatFailed) {
  answer(200);
  answer(500);
  answer(404);
  EXPECT_EQ(run(R"(
- transaction: outer
  do:
    - transaction: good
      do: [get: /1]
    - transaction: inner
      do: [get: /2, get: /3]
- transaction: next
  do: [get: /4]
)"),
            "");
  EXPECT_THAT(failures(), UnorderedElementsAre("GET /2: LocustBadStatusCode(code=500)",
                                               "GET /3: LocustBadStatusCode(code=404)",
                                               "TX inner: GET /2: LocustBadStatusCode(code=500)",
                                               "TX outer: GET /2: LocustBadStatusCode(code=500)"));
  EXPECT_EQ(stats_.total().num_failures, 2);
  EXPECT_EQ(stats_.find("next", "TX")->num_failures, 0);
}

TEST_F(ScenarioControl, CountsATransactionThatIsLeft) {
  EXPECT_EQ(run("- transaction: t\n  do: [get: /1, fail: with data 7]"), "with data 7");
  EXPECT_THAT(failures(), ElementsAre("TX t: an exception ended it"));
  EXPECT_EQ(run("- transaction: u\n  do: [end_task: true]\n- get: /no"), "");
  EXPECT_EQ(stats_.find("u", "TX")->num_requests, 1);
  EXPECT_EQ(stats_.find("u", "TX")->num_failures, 0);
  load("- transaction: v\n  do: [stop_user: true]");
  EXPECT_THROW(run_task(), StopUser);
  EXPECT_EQ(stats_.find("v", "TX")->num_requests, 1);
}

TEST_F(ScenarioControl, DoesNotCountATransactionInWhichTheUserIsKilled) {
  load("- transaction: t\n  do: [get: /1, wait: 5s]");
  context_.kill_at(context_.manual_clock.now() + seconds(2));
  EXPECT_THROW(run_task(), UserKilled);
  EXPECT_THAT(rows(), ElementsAre("GET /1"));
}

TEST_F(ScenarioControl, TheEvidenceOfAFailedCheckNamesItsValues) {
  answer(200, R"({"state": "closed"})");
  EXPECT_EQ(run("- get: /order\n  check: [status == 200, json('/state') == 'open']"), "");
  ASSERT_EQ(stats_.errors().size(), 1U);
  const StatsError& error = stats_.errors()[0].second;
  ASSERT_NE(error.exchange, nullptr);
  EXPECT_THAT(error.exchange->values, ElementsAre("json('/state') = 'closed'"));
  EXPECT_EQ(error.exchange->body, R"({"state": "closed"})");
}

}  // namespace
}  // namespace locust::worker
