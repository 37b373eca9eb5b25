#include "tests/unit/worker/scenario/scenario_run_fixture.h"

namespace locust::worker {
namespace {

using fakes::FakeUserContext;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(ScenarioRun, SendsRequestsAndNamesThemByTheUrlAsWritten) {
  EXPECT_EQ(run(R"(
- set: {id: 5}
- get: /a
- get: /orders/${id}/${random_int(3, 3)}
  params: {page: 1, tag: [a b, "${id}"], none: null}
- delete: http://other/x y
  name: gone ${id}
- request: {method: PURGE, url: "/k/${env.API_KEY}"}
)"),
            "");
  ASSERT_EQ(context_.requests.size(), 4U);
  EXPECT_EQ(request(0).url, "http://shop/a");
  EXPECT_EQ(request(1).url, "http://shop/orders/5/3?page=1&tag=a+b&tag=5");
  EXPECT_EQ(request(2).url, "http://other/x%20y");
  EXPECT_EQ(request(2).method, "DELETE");
  EXPECT_EQ(request(3).url, "http://shop/k/k1");
  EXPECT_THAT(rows(),
              ::testing::UnorderedElementsAre("GET /a", "GET /orders/[id]/[random_int(3, 3)]",
                                              "DELETE gone 5", "PURGE /k/k1"));
}

TEST_F(ScenarioRun, HasAStepForEachMethod) {
  std::string steps;
  for (const char* word : {"get", "post", "put", "patch", "delete", "head", "options"}) {
    steps += std::string("- ") + word + ": /\n";
  }
  EXPECT_EQ(run(steps), "");
  std::vector<std::string> methods;
  for (const HttpRequest& sent : context_.requests) methods.push_back(sent.method);
  EXPECT_THAT(methods, ElementsAre("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"));
}

TEST_F(ScenarioRun, NamesAConstantUrlWithoutItsParams) {
  EXPECT_EQ(run("- get: /s?x=ö\n  params: {q: ä}"), "");
  EXPECT_EQ(request().url, "http://shop/s?x=%C3%B6&q=%C3%A4");
  EXPECT_THAT(rows(), ElementsAre("GET /s?x=ö"));
}

TEST_F(ScenarioRun, SendsBodiesAsFastHttpUserDoes) {
  EXPECT_EQ(run(R"(
- set: {name: 'a"b', n: 3, list: [1, x]}
- post: /json
  json: {name: "${name}", greeting: "hi ${name}", n: "${n}", list: "${list}", c: {d: [true, null, 1.5]}}
- post: /constant
  json: {a: 1}
  headers: {Content-Type: application/vnd.x}
- post: /form
  form: {a: [1, 2], b: "ä ${n}"}
- post: /raw
  body: "n=${n}"
)"),
            "");
  EXPECT_EQ(
      request(0).body,
      R"({"name": "a\"b", "greeting": "hi a\"b", "n": 3, "list": [1, "x"], "c": {"d": [true, null, 1.5]}})");
  EXPECT_EQ(header(request(0), "Content-Type"), "application/json");
  EXPECT_EQ(header(request(0), "Accept"), "application/json");
  EXPECT_EQ(request(1).body, R"({"a": 1})");
  EXPECT_EQ(header(request(1), "Content-Type"), "application/vnd.x");
  EXPECT_EQ(request(2).body, "a=1&a=2&b=%C3%A4+3");
  EXPECT_EQ(header(request(2), "Content-Type"), "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(request(3).body, "n=3");
  EXPECT_EQ(header(request(3), "Content-Type"), "text/plain; charset=utf-8");
}

TEST_F(ScenarioRun, MergesHeadersOfClassSessionAndRequest) {
  EXPECT_EQ(run(R"(
- get: /1
  headers: {a: request, T: null}
- set: {token: x}
- headers: {B: session, C: null, T: "s${token}"}
- get: /2
- get: /3
  headers: {b: null}
)",
                "headers: {A: class, B: class, C: class, T: \"${token}\"}"),
            "");
  EXPECT_EQ(header(request(0), "A"), "-");
  EXPECT_EQ(header(request(0), "a"), "request");
  EXPECT_EQ(header(request(0), "B"), "class");
  EXPECT_EQ(header(request(0), "T"), "-") << "removed, so its null is never looked at";
  EXPECT_EQ(header(request(1), "A"), "class");
  EXPECT_EQ(header(request(1), "B"), "session");
  EXPECT_EQ(header(request(1), "C"), "-");
  EXPECT_EQ(header(request(1), "T"), "sx");
  EXPECT_EQ(header(request(2), "B"), "-");
}

TEST_F(ScenarioRun, FailsOnABadStatusUnlessACheckReadsIt) {
  answer(500);
  answer(500);
  answer(404);
  answer(404, "x");
  EXPECT_EQ(run(R"(
- get: /plain
- get: /body
  check: body contains 'x'
- get: /ok
  check: status in [200, 404]
- get: /bad
  check: [status == 200, body contains 'y']
)"),
            "");
  EXPECT_THAT(failures(),
              ::testing::UnorderedElementsAre("GET /plain: LocustBadStatusCode(code=500)",
                                              "GET /body: LocustBadStatusCode(code=500)",
                                              "GET /bad: status == 200 (status: 404)"));
  EXPECT_EQ(stats_.total().num_requests, 4);
}

TEST_F(ScenarioRun, NamesAFailedCheckByItsNameOrItsCondition) {
  answer(200, R"({"status": "closed"})");
  answer(200, "{}");
  EXPECT_EQ(run(R"(
- get: /1
  check:
    - status == 200
    - order is open: status == 404 or json('/status') == 'open'
- get: /2
  check: json('/n') > 3
)"),
            "");
  EXPECT_THAT(failures(),
              ::testing::UnorderedElementsAre("GET /1: order is open", "GET /2: json('/n') > 3"));
}

TEST_F(ScenarioRun, KeepsTheFailureOfTheTransport) {
  HttpResponse refused;
  refused.error = HttpErrorKind::kConnect;
  refused.error_text = "ConnectionRefusedError(111, 'Connection refused')";
  for (int i = 0; i < 3; ++i) context_.responses.push_back(refused);
  HttpResponse cut = FakeUserContext::response(200);
  cut.error = HttpErrorKind::kConnectionClosed;
  cut.error_text = "HTTPConnectionClosed('connection closed.')";
  context_.responses.push_back(cut);
  EXPECT_EQ(run(R"(
- get: /1
- get: /2
  check: status == 200
- get: /expected
  check: status == 0
- get: /cut
  check: status == 200
)"),
            "");
  EXPECT_THAT(failures(), ::testing::UnorderedElementsAre(
                              "GET /1: ConnectionRefusedError(111, 'Connection refused')",
                              "GET /2: ConnectionRefusedError(111, 'Connection refused')",
                              "GET /cut: HTTPConnectionClosed('connection closed.')"));
}

TEST_F(ScenarioRun, SavesValuesAndFailsOnNull) {
  answer(200, R"({"token": "abc"})");
  answer(200, "{}");
  answer(200, "{}");
  EXPECT_EQ(run(R"(
- post: /login
  save: {token: json('/token')}
- get: /${token}
  save: {order: json('/id'), other: "json('/x') or 'none'"}
- get: /${other}
)"),
            "");
  EXPECT_EQ(request(1).url, "http://shop/abc");
  EXPECT_EQ(request(2).url, "http://shop/none");
  EXPECT_THAT(failures(), ElementsAre("GET /[token]: order is null: json('/id')"));
}

TEST_F(ScenarioRun, EndsTheTaskWhenATextHoldsNull) {
  EXPECT_EQ(run("- get: /before\n- get: /${token}\n- get: /after\n- set: {token: 1}"),
            "token has no value");
  EXPECT_EQ(traceback_, "  File \"f.yaml\", line 7, in U\n");
  EXPECT_EQ(context_.requests.size(), 1U);
  EXPECT_THAT(failures(), IsEmpty());
}

TEST_F(ScenarioRun, CountsARequestWhoseCheckThrows) {
  EXPECT_EQ(run("- get: /x\n  check: 1 / 0\n- get: /after"), "division by zero");
  EXPECT_THAT(failures(), ElementsAre("GET /x: division by zero"));
  EXPECT_EQ(context_.requests.size(), 1U);
}

TEST_F(ScenarioRun, LeavesTheResponseToTheStepsAfterIt) {
  answer(200, R"({"a": 1})");
  EXPECT_EQ(run(R"(
- get: /x
- set: {seen: "${json('/a')}/${status}/${failed}"}
- post: /y
  body: "${seen} ${json('/a')}"
)"),
            "");
  EXPECT_EQ(request(1).body, "1/200/false 1");
}

TEST_F(ScenarioRun, RunsNamedStepsAndTasks) {
  EXPECT_EQ(run("- run: login\n- get: /t", "", R"(steps:
  login:
    - set: {who: me}
    - post: /login/${who}
)"),
            "");
  EXPECT_THAT(rows(), ElementsAre("POST /login/[who]", "GET /t"));
  EXPECT_EQ(request(0).url, "http://shop/login/me");
}

TEST_F(ScenarioRun, Waits) {
  EXPECT_EQ(run("- wait: 500ms\n- wait: \"1 + 1\"\n- wait: constant(3)\n- wait: -1"), "");
  EXPECT_THAT(context_.sleeps, ElementsAre(seconds(0.5), seconds(2), seconds(3), seconds(0)));
  EXPECT_EQ(run("- set: {x: soon}\n- wait: x"), "'wait' needs a time, not a text");
}

TEST_F(ScenarioRun, TakesTheWaitTimeOfTheClass) {
  load("- get: /", "wait_time: constant_pacing(10)");
  PacingState pacing(context_.manual_clock.now());
  context_.manual_clock.advance(seconds(4));
  const WaitInput in{.now = context_.manual_clock.now(), .pacing = pacing, .rng = rng_};
  EXPECT_EQ(user_->wait_time(in), seconds(6));
  EXPECT_EQ(pacing.last_wait, seconds(6)) << "the state is the caller's";
  load("- get: /");
  EXPECT_EQ(user_->wait_time(in), Duration::zero());
}

TEST_F(ScenarioRun, RunsOnStartAndOnStop) {
  load("- get: /t", "on_start: [get: /in]\non_stop: [get: /out]");
  user_->on_start();
  user_->on_stop();
  EXPECT_EQ(request(0).url, "http://shop/in");
  EXPECT_EQ(request(1).url, "http://shop/out");
}

TEST_F(ScenarioRun, YieldsInATaskOfManySteps) {
  std::string steps;
  for (int i = 0; i < 250; ++i) steps += "- set: {x: 1}\n";
  EXPECT_EQ(run(steps), "");
  EXPECT_EQ(context_.sleeps.size(), 2U);
}

TEST_F(ScenarioRun, KeepsBodiesAndHeadersOnlyWhereSomethingReadsThem) {
  EXPECT_EQ(
      run(R"(
- get: /unread
- get: /checked
  check: body contains 'x' or true
- get: /followed
- set: {a: "${body}"}
- get: /run
- run: reader
- get: /header
  check: header('X') == null
- get: /last
)",
          "", "steps:\n  reader:\n    - set: {b: \"${json('/b')}\"}\n    - get: /in_reader\n"),
      "");
  const auto kept = [this](std::size_t i) {
    return std::pair(request(i).keep_body, request(i).keep_headers);
  };
  EXPECT_EQ(kept(0), std::pair(false, false));
  EXPECT_EQ(kept(1), std::pair(true, false));
  EXPECT_EQ(kept(2), std::pair(true, false));
  EXPECT_EQ(kept(3), std::pair(true, false));
  EXPECT_EQ(kept(4), std::pair(false, false)) << "/in_reader";
  EXPECT_EQ(kept(5), std::pair(false, true));
  EXPECT_EQ(kept(6), std::pair(false, false));
}

TEST_F(ScenarioRun, KeepsTheLastBodyOfATaskThatTheNextOneReads) {
  EXPECT_EQ(run("- set: {a: \"${len(body)}\"}\n- get: /1\n- get: /2"), "");
  EXPECT_FALSE(request(0).keep_body);
  EXPECT_TRUE(request(1).keep_body);
}

TEST_F(ScenarioRun, KeepsEveryBodyThatAHeaderOfTheClassMayRead) {
  EXPECT_EQ(run("- get: /1\n- get: /2", "headers: {X: \"${regex('a') or ''}\"}"), "");
  EXPECT_TRUE(request(0).keep_body);
}

std::vector<std::string> compile_errors(const std::string& text) {
  ParsedScenario parsed = parse_scenario({{"f.yaml", text}});
  EXPECT_THAT(parsed.errors, IsEmpty());
  return compile_scenario(std::move(parsed.scenario), test_environment).errors;
}

TEST(ScenarioProgram, ReportsWhatOnlyAWorkerCanFind) {
  EXPECT_THAT(
      compile_errors(R"(host: http://${env.NOWHERE}
users:
  U:
    host: http://${user_id}
    tasks:
      t:
        - get: /${env.NO_PATH}
          check: [body matches '(', "json('a') == 1", "regex('[') == null"]
        - set: {x: "a${env.UNSET}", y: "${env.UNSET}"}
  V: {tasks: {t: []}}
  W: {tasks: {t: []}}
)"),
      ElementsAre("f.yaml:1:7: env.NOWHERE has no value",
                  "f.yaml:4:11: a host may contain ${env.NAME}, but nothing that changes during "
                  "the run",
                  "f.yaml:7:16: env.NO_PATH has no value",
                  "f.yaml:8:19: not a regular expression: missing ): (",
                  "f.yaml:8:37: a JSON pointer begins with '/': json('/a')",
                  "f.yaml:8:55: not a regular expression: missing ]: [",
                  "f.yaml:9:20: env.UNSET has no value"));
  EXPECT_THAT(compile_errors("steps: {}"),
              ElementsAre("there is no user class: 'users' is missing"));
}

TEST(ScenarioProgram, GivesThePoolItsClasses) {
  ParsedScenario parsed = parse_scenario({{"f.yaml", R"(host: "http://${env.API_KEY}.shop"
users:
  A: {weight: 2, tasks: {t: []}}
  B: {fixed_count: 3, host: "http://b", tasks: {t: {weight: 0.5, steps: []}, u: []}}
)"}});
  const CompiledScenario compiled = compile_scenario(std::move(parsed.scenario), test_environment);
  ASSERT_TRUE(compiled.program);
  const std::vector<UserClass> classes = compiled.program->user_classes();
  ASSERT_EQ(classes.size(), 2U);
  EXPECT_EQ(classes[0].name, "A");
  EXPECT_EQ(classes[0].weight, 2);
  EXPECT_EQ(classes[0].host, "http://k1.shop");
  EXPECT_EQ(classes[1].fixed_count, 3);
  EXPECT_EQ(classes[1].host, "http://b");
}

TEST_F(ScenarioRun, AUrlThatLeadsNowhereAtRunTimeCostsASecond) {
  load_text(
      "users:\n  U:\n    tasks:\n      t:\n        - set: {base: 'shop:80'}\n"
      "        - get: ${base}/x\n");
  EXPECT_THAT(run_task(), testing::HasSubstr("You must specify the base host"));
  EXPECT_THAT(context_.sleeps, testing::Contains(std::chrono::seconds(1)));
}

TEST_F(ScenarioRun, AClassSaysWhatIsWrongWithItsHost) {
  load_text("users:\n  U:\n    tasks:\n      t:\n        - get: /x\n");
  const auto problem = [this](const std::string& host) {
    return user_class_.host_problem(host).value_or("");
  };
  EXPECT_EQ(problem("http://shop"), "");
  EXPECT_THAT(problem(""), testing::StartsWith("f.yaml:5:11: user class 'U' has no host, which"));
  EXPECT_EQ(problem("shop:80"),
            "the host of user class 'U': 'shop:80' has no scheme; write http://shop:80");
}

}  // namespace
}  // namespace locust::worker
