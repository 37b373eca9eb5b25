// What --dry-run does and prints, against scripted answers and in simulated time.
#include "worker/scenario/dry_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <sstream>

#include "common/scenario/scenario_parse.h"
#include "tests/fakes/fake_http_engine.h"
#include "tests/fakes/fake_user_context.h"
#include "tests/fakes/simulated_loop.h"

namespace locust::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class DryRunTest : public ::testing::Test {
 protected:
  void load(const std::string& text) {
    ParsedScenario parsed = parse_scenario({{"f.yaml", text}});
    ASSERT_EQ(parsed.errors, std::vector<std::string>{}) << text;
    CompiledScenario compiled = compile_scenario(std::move(parsed.scenario),
                                                 [](const std::string&) { return std::nullopt; });
    ASSERT_EQ(compiled.errors, std::vector<std::string>{});
    program_ = std::move(compiled.program);
  }

  // The steps are those of the only task, each line beginning in column 1.
  void load_steps(const std::string& steps, const std::string& top = "") {
    std::string text = top + "users:\n  U:\n    host: http://shop\n    tasks:\n      t:\n";
    std::istringstream lines(steps);
    for (std::string line; std::getline(lines, line);) text += "        " + line + "\n";
    load(text);
  }

  void start(DryRunOptions options = {}) {
    engine_.respond = [this](const HttpRequest& request) {
      requests_.push_back(request.method + " " + request.url);
      if (answers_.empty()) return fakes::FakeUserContext::response(200);
      HttpResponse answer = std::move(answers_.front());
      answers_.pop_front();
      return answer;
    };
    run_.emplace(loop_, engine_, *program_, std::move(options), out_, [this] { done_ = true; });
  }

  // What was printed.
  std::string run(DryRunOptions options = {}) {
    start(std::move(options));
    loop_.advance(60s);
    EXPECT_TRUE(done_) << out_.str();
    return out_.str();
  }

  HttpResponse& answer(int status, std::string body = "") {
    return answers_.emplace_back(fakes::FakeUserContext::response(status, std::move(body), 2));
  }

  fakes::SimulatedLoop loop_;
  fakes::FakeHttpEngine engine_{loop_};
  std::unique_ptr<ScenarioProgram> program_;
  std::ostringstream out_;
  std::deque<HttpResponse> answers_;
  std::vector<std::string> requests_;
  bool done_ = false;
  std::optional<DryRun> run_;
};

TEST_F(DryRunTest, PrintsTheWholeOfARequest) {
  load_steps(
      "- post: /login\n"
      "  json: {email: a@b.c}\n"
      "  headers: {X-Trace: abc}\n"
      "  check: [status == 200, ok: json('/ok')]\n"
      "  save: {id: json('/id')}\n");
  HttpResponse& response = answer(200, R"({"ok": true, "id": 5})");
  response.headers = "Content-Type: application/json\r\n";
  response.phases = {.resolved = 100us, .connected = 300us, .first_byte = 1500us};
  EXPECT_EQ(run(),
            "\n"
            "U.t\n"
            "  1 > POST http://shop/login\n"
            "      X-Trace: abc\n"
            "      Content-Type: application/json\n"
            "      Accept: application/json\n"
            "    | {\"email\": \"a@b.c\"}\n"
            "  1 < HTTP 200, 21 bytes in 2.0 ms (dns 0.1, connect 0.3, first byte 1.2)\n"
            "      Content-Type: application/json\n"
            "    | {\"ok\": true, \"id\": 5}\n"
            "      holds: status == 200\n"
            "      holds: ok\n"
            "  id = 5\n"
            "      ok: POST /login\n"
            "\n"
            "1 request, 0 failed, 0 exceptions\n");
  EXPECT_FALSE(run_->failed());
}

TEST_F(DryRunTest, ShowsTheValuesOfAFailedCheck) {
  load_steps("- get: /a\n  check: [open: json('/state') == 'open', never: status == 1]\n");
  answer(200, R"({"state": "closed"})");
  EXPECT_THAT(run(), HasSubstr("      does not hold: open\n"
                               "        json('/state') = 'closed'\n"
                               "      FAILED: GET /a: open\n"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("never")));
  EXPECT_TRUE(run_->failed());
}

TEST_F(DryRunTest, ARequestWithoutAResponseHasFailed) {
  load_steps("- get: /a\n  record: false\n");
  HttpResponse& response = answer(0);
  response.error = HttpErrorKind::kConnect;
  response.error_text = "ConnectionRefusedError(111, 'Connection refused')";
  EXPECT_THAT(run(), HasSubstr("  1 < no response in 2.0 ms\n"
                               "      FAILED: GET /a: ConnectionRefusedError(111, 'Connection "
                               "refused') (not in the statistics)\n"));
  EXPECT_TRUE(run_->failed());
}

TEST_F(DryRunTest, MasksCredentialsWhereverTheyStand) {
  load_steps(
      "- set: {password: hunter2}\n"
      "- headers: {Authorization: \"Bearer hunter2\"}\n"
      "- post: /login?api_key=hunter2\n"
      "  json: {user: ada, password: hunter2, key: \"${arg.code}\"}\n"
      "  save: {token: json('/access_token')}\n"
      "- post: /login\n"
      "  form: {user: ada, client_secret: hunter2}\n",
      "arguments:\n  code: {default: xyzzy, secret: true}\n");
  answer(200, R"({"access_token": "hunter2", "echo": "xyzzy", "refresh_token": "hunter2)");
  const std::string text = run();
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(text, Not(HasSubstr("xyzzy")));
  EXPECT_THAT(text, HasSubstr("  password = ***\n"));
  EXPECT_THAT(text, HasSubstr("      Authorization: ***\n"));
  EXPECT_THAT(text, HasSubstr("POST http://shop/login?api_key=***\n"));
  EXPECT_THAT(text, HasSubstr("    | user=ada&client_secret=***\n"));
  EXPECT_THAT(text, HasSubstr(R"("user": "ada", "password": "***", "key": "***")"));
}

TEST_F(DryRunTest, CutsBodiesAndEscapesWhatSteersATerminal) {
  load_steps("- get: /long\n  check: body\n- get: /binary\n- get: /steering\n  check: body\n");
  answer(200, std::string(998, 'x') + "é€" + std::string(5000, 'y'));
  answer(200, std::string("\0\1\2", 3));
  answer(200,
         "a\x1b[2J\r\nb\xc2\x9b"
         "1m");
  const std::string text = run();
  EXPECT_THAT(text, HasSubstr("    | " + std::string(998, 'x') + "é\n    | … (6003 bytes)\n"));
  EXPECT_THAT(text, HasSubstr("    | (3 bytes, no text)\n"));
  EXPECT_THAT(text, HasSubstr("    | a\\x1b[2J\n    | b\\xc2\\x9b1m\n"));
}

TEST_F(DryRunTest, TellsOfStepsThatAreNoRequests) {
  load_steps(
      "- set: {n: 2, words: [a]}\n"
      "- headers: {X-A: b}\n"
      "- cookies: {c: d}\n"
      "- new_session: true\n"
      "- feed: rows\n"
      "- add: {kept: {x: 1}}\n"
      "- if: n == 1\n  then: [fail: never]\n"
      "- repeat: 2\n  as: i\n  while: i < 1\n  do: [log: \"i is ${i}\"]\n"
      "- choose: [{do: [run: named]}]\n"
      "- transaction: buy\n  do: [get: /a]\n"
      "- wait: all_spawned\n"
      "- end_task: true\n",
      "feeders:\n  rows: {rows: [{city: Oslo, secret: x}]}\n  kept: {keep: 5}\n"
      "steps:\n  named: [set: {m: 3}]\n");
  answer(500);
  EXPECT_THAT(run(), HasSubstr("U.t\n"
                               "  n = 2\n"
                               "  words = [\"a\"]\n"
                               "  headers: X-A\n"
                               "  cookies: c\n"
                               "  new_session\n"
                               "  feed: rows\n"
                               "  rows = {\"city\": \"Oslo\", \"secret\": \"***\"}\n"
                               "  add: kept\n"
                               "  if: false (n = 2)\n"
                               "  i = 0\n"
                               "  while: true (i = 0)\n"
                               "  log: i is 0\n"
                               "  i = 1\n"
                               "  while: false (i = 1)\n"
                               "  choose: branch 1 of 1\n"
                               "  run: named\n"
                               "  m = 3\n"
                               "  transaction buy\n"));
  EXPECT_THAT(out_.str(), HasSubstr("      FAILED: GET /a: LocustBadStatusCode(code=500)\n"
                                    "  transaction buy took 2.0 ms, failed: GET /a: "
                                    "LocustBadStatusCode(code=500)\n"
                                    "  wait: all_spawned, which returns immediately here\n"
                                    "  end_task\n"
                                    "\n"));
}

TEST_F(DryRunTest, ShowsRetriesAsRequestsOfTheirOwn) {
  load_steps(
      "- get: /a\n  check: status in [200, 503]\n"
      "  after: [{if: status == 503, then: [retry: 1]}]\n");
  answer(503);
  answer(503);
  const std::string text = run();
  EXPECT_THAT(text,
              HasSubstr("  if: true (status = 503)\n  retry 1 of 1\n  2 > GET http://shop/a\n"));
  EXPECT_THAT(text, HasSubstr("  if: true (status = 503)\n  retry: none is left\n"));
  EXPECT_FALSE(run_->failed()) << "the check accepts both";
}

TEST_F(DryRunTest, NumbersRequestsThatAreSentTogether) {
  load_steps("- parallel: [get: /a, get: /b]\n");
  answer(200).response_time = 5ms;
  answer(200).response_time = 3ms;
  const std::string text = run();
  EXPECT_THAT(text, HasSubstr("  1 > GET http://shop/a\n  2 > GET http://shop/b\n"));
  EXPECT_LT(text.find("2 < HTTP 200"), text.find("1 < HTTP 200"));
}

TEST_F(DryRunTest, SaysWhatTheCacheAnswers) {
  load(
      "users:\n  U:\n    host: http://shop\n    cache: true\n"
      "    tasks:\n      t: [get: /a, get: /a]\n");
  answer(200).headers = "Cache-Control: max-age=60\r\n";
  EXPECT_THAT(run(), HasSubstr("  2 > GET http://shop/a, which is in the cache\n"
                               "  2 < HTTP 200, not sent\n"));
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(DryRunTest, WaitsShortlyWithinTasksAndNotBetweenThem) {
  load(
      "users:\n  U:\n    host: http://shop\n    wait_time: constant(30)\n"
      "    tasks:\n      t: [wait: 500ms, get: /a, wait: 20, get: /b]\n");
  start();
  loop_.advance(400ms);
  EXPECT_EQ(requests_.size(), 0U);
  loop_.advance(200ms);
  EXPECT_EQ(requests_.size(), 1U);
  loop_.advance(2s);
  EXPECT_TRUE(done_) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("  wait: 0.5 s\n"));
  EXPECT_THAT(out_.str(), HasSubstr("  wait: 20 s, 2 s here\n"));
  EXPECT_THAT(out_.str(), HasSubstr("  wait_time: 30 s, none here\n"));
}

constexpr const char* kTwoClasses = R"(
test_start: [get: /before]
test_stop: [get: /behind]
host: http://shop
users:
  A:
    on_start: [get: /hello]
    tasks:
      one: {weight: 1, steps: [get: /1]}
      two: {weight: 100, tags: [slow], steps: [get: /2]}
    on_stop: [get: /bye]
  B:
    tasks:
      three: [get: "/b/${user_id}"]
)";

TEST_F(DryRunTest, RunsEachTaskOfEachClassOnceInTheOrderOfTheFile) {
  load(kTwoClasses);
  EXPECT_THAT(run(), HasSubstr("\ntest_start\n  1 > GET http://shop/before\n"));
  EXPECT_THAT(out_.str(), HasSubstr("\nA.on_stop\n  5 > GET http://shop/bye\n"));
  EXPECT_EQ(requests_, (std::vector<std::string>{"GET http://shop/before", "GET http://shop/hello",
                                                 "GET http://shop/1", "GET http://shop/2",
                                                 "GET http://shop/bye", "GET http://shop/b/1",
                                                 "GET http://shop/behind"}));
  EXPECT_FALSE(run_->failed());
}

TEST_F(DryRunTest, WithIterationsDrawsTasksAsATestDoes) {
  load(kTwoClasses);
  run({.user_classes = {"A"}, .iterations = 50, .host = "http://other", .seed = 1});
  EXPECT_EQ(requests_.size(), 54U);
  EXPECT_GT(std::count(requests_.begin(), requests_.end(), "GET http://other/2"), 40);
  EXPECT_EQ(requests_.back(), "GET http://other/behind");
}

TEST_F(DryRunTest, LeavesOutWhatTagsLeaveOut) {
  load(kTwoClasses);
  program_->set_own_tags({"slow"}, {});
  EXPECT_THAT(run(), HasSubstr("\nB: its tags leave no task\n"));
  EXPECT_EQ(requests_, (std::vector<std::string>{"GET http://shop/before", "GET http://shop/hello",
                                                 "GET http://shop/2", "GET http://shop/bye",
                                                 "GET http://shop/behind"}));
  EXPECT_TRUE(run_->failed());
}

TEST_F(DryRunTest, NamesAClassThatIsNotThere) {
  load(kTwoClasses);
  EXPECT_EQ(DryRun::class_error(*program_, {.user_classes = {"A", "B"}}), "");
  EXPECT_EQ(DryRun::class_error(*program_, {.user_classes = {"BB"}}),
            "Unknown User(s): BB; did you mean 'B'?");
}

TEST_F(DryRunTest, AFailedTestStartStartsNoUser) {
  load(kTwoClasses);
  answer(500);
  EXPECT_THAT(run(), HasSubstr("\ntest_start failed, so no user starts\n"));
  EXPECT_EQ(requests_.size(), 1U);
  EXPECT_TRUE(run_->failed());
}

TEST_F(DryRunTest, ExceptionsAreShownWithTheirPlaceAndTheNextTaskRuns) {
  load(
      "users:\n  U:\n    host: http://shop\n    on_stop: [get: \"/${nothing}\"]\n"
      "    tasks:\n      bad: [fail: no way]\n      good: [get: /a, set: {nothing: null}]\n");
  const std::string text = run();
  EXPECT_THAT(text, HasSubstr("\nU.bad\n  EXCEPTION in U: no way\n"
                              "    File \"f.yaml\", line 6, in U\n"));
  EXPECT_THAT(text, HasSubstr("  EXCEPTION in U.on_stop: nothing has no value\n"));
  EXPECT_THAT(text, HasSubstr("1 request, 0 failed, 2 exceptions\n"));
  EXPECT_TRUE(run_->failed());
}

TEST_F(DryRunTest, AnExceptionInOnStartEndsItsUserAlone) {
  load(
      "host: http://shop\nusers:\n  A:\n    on_start: [fail: no]\n    tasks:\n      t: [get: /a]\n"
      "  B:\n    tasks:\n      t: [get: /b]\n");
  EXPECT_THAT(run(), HasSubstr("  EXCEPTION in A.on_start: no\n"));
  EXPECT_EQ(requests_, std::vector<std::string>{"GET http://shop/b"});
  EXPECT_TRUE(run_->failed());
}

TEST_F(DryRunTest, StopTestEndsTheRun) {
  load(
      "test_stop: [get: /behind]\nhost: http://shop\nusers:\n"
      "  A:\n    tasks:\n      t: [stop_test: true]\n      u: [get: /u]\n"
      "  B:\n    tasks:\n      t: [get: /b]\n");
  EXPECT_THAT(run(), HasSubstr("\nA.t\n  stop_test\n"));
  EXPECT_EQ(requests_, std::vector<std::string>{"GET http://shop/behind"});
}

TEST_F(DryRunTest, AUserWithoutARowLeftStops) {
  load_steps("- feed: rows\n- get: /a\n", "feeders:\n  rows: {rows: [{n: 1}], pick: unique}\n");
  EXPECT_THAT(run({.iterations = 5}), HasSubstr("  feed: rows\n  no row is left of rows\n"));
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(DryRunTest, RunsEachTaskOfATaskSetOnceUpToAnInterrupt) {
  load(R"(
users:
  U:
    host: http://shop
    iterations: 1
    tasks:
      home: [get: /home]
      forum:
        on_start: [get: /forum]
        tasks:
          read: {weight: 5, steps: [get: /read]}
          thread: {sequence: true, tasks: {write: {weight: 3, steps: [post: /write]}}}
          leave: [interrupt: true]
          never: [get: /never]
        on_stop: [get: /left]
      end: [get: /end]
)");
  const std::string out = run();
  EXPECT_EQ(requests_, (std::vector<std::string>{"GET http://shop/home", "GET http://shop/forum",
                                                 "GET http://shop/read", "POST http://shop/write",
                                                 "GET http://shop/left", "GET http://shop/end"}));
  EXPECT_THAT(out, HasSubstr("U.forum.on_start\n"));
  EXPECT_THAT(out, HasSubstr("U.forum.thread.write\n"));
  EXPECT_THAT(out, HasSubstr("U.forum.leave\n  interrupt\n"));
}

TEST_F(DryRunTest, CanBeEndedAtAnyTime) {
  load_steps("- get: /a\n");
  answer(200).response_time = 1h;
  start();
  loop_.advance(1s);
  const std::string before = out_.str();
  EXPECT_THAT(before, HasSubstr("1 > GET"));
  run_.reset();
  EXPECT_EQ(out_.str(), before);
  EXPECT_EQ(engine_.cancelled, 1);
}

}  // namespace
}  // namespace locust::worker
