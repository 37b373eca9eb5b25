#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/fakes/simulated_loop.h"
#include "worker/scenario/describe.h"
#include "worker/scenario/encode.h"
#include "worker/scenario/expression_eval.h"

namespace locust::worker {
namespace {

class ScenarioExpression : public ::testing::Test {
 protected:
  // The value as JSON, or "!" and the failure.
  std::string eval(std::string_view text) {
    const ParsedExpr parsed = parse_expression(text, names_);
    if (!parsed.expr) return "syntax: " + parsed.error.message;
    try {
      return evaluate(*parsed.expr, context()).to_json();
    } catch (const ExprFailure& e) {
      return std::string("!") + e.what();
    }
  }

  void set(std::string_view name, ExprValue value) {
    const auto slot = static_cast<std::size_t>(names_.slot(name));
    if (variables_.size() <= slot) variables_.resize(slot + 1);
    variables_[slot] = std::move(value);
  }

  void answer(int status, std::string body) {
    serial_ = runtime_.next_serial();
    exchange_.response.status = status;
    exchange_.response.content_length = body.size();
    exchange_.response.body = std::move(body);
  }

  EvalContext context() {
    return {.runtime = runtime_,
            .clock = &clock_,
            .rng = &rng_,
            .variables = variables_,
            .exchange = &exchange_,
            .serial = serial_,
            .failure = failure_,
            .pacing = &pacing_,
            .user_id = 7,
            .iteration = 3};
  }

  VariableNames names_;
  ScenarioRuntime runtime_{[](const std::string& name) -> std::optional<std::string> {
    if (name == "KEY") return "secret";
    return std::nullopt;
  }};
  fakes::ManualClock clock_;
  Rng rng_{42};
  std::vector<ExprValue> variables_;
  Exchange exchange_;
  std::uint64_t serial_ = 0;
  std::string failure_;
  PacingState pacing_{clock_.now()};
};

TEST_F(ScenarioExpression, OrGivesTheFirstOperandThatIsThere) {
  EXPECT_EQ(eval("null or false or '' or [] or 'x' or 'y'"), "\"x\"");
  EXPECT_EQ(eval("0 or 'x'"), "0");
  EXPECT_EQ(eval("null or false"), "false");
  EXPECT_EQ(eval("'a' and 'b'"), "\"b\"");
  EXPECT_EQ(eval("'' and 1 / 0"), "\"\"");
  EXPECT_EQ(eval("not ''"), "true");
}

TEST_F(ScenarioExpression, TextsThatAreNumbersCompareAndCalculateAsOne) {
  EXPECT_EQ(eval("'10' > '9'"), "true");
  EXPECT_EQ(eval("'b10' > 'b9'"), "false");
  EXPECT_EQ(eval("'5' == 5"), "true");
  EXPECT_EQ(eval("'5' + '6'"), "11");
  EXPECT_EQ(eval("'x' == 5"), "false");
  EXPECT_EQ(eval("'x' + 5"), "!'+' needs a number, not a text");
  EXPECT_EQ(eval("'2026-01-02' > '2026-01-01'"), "true");
}

TEST_F(ScenarioExpression, Calculates) {
  EXPECT_EQ(eval("1 + 2 * 3 - -4"), "11");
  EXPECT_EQ(eval("7 / 2"), "3.5");
  EXPECT_EQ(eval("6 / 2"), "3");
  EXPECT_EQ(eval("-7 % 3"), "2");
  EXPECT_EQ(eval("7.5 % -2"), "-0.5");
  EXPECT_EQ(eval("1 / 0"), "!division by zero");
  EXPECT_EQ(eval("1 % 0"), "!division by zero");
  EXPECT_EQ(eval("9223372036854775807 + 1"), "9.223372036854776e+18");
  EXPECT_EQ(eval("(-9223372036854775807 - 1) / -1"), "9.223372036854776e+18");
  EXPECT_EQ(eval("(-9223372036854775807 - 1) % -1"), "0");
  EXPECT_EQ(eval("null + 1"), "!'+' needs a number, not null");
}

TEST_F(ScenarioExpression, CalculatesAndComparesTimes) {
  EXPECT_EQ(eval("1m + 30s"), "90");
  EXPECT_EQ(eval("2 * 1h / 4"), "1800");
  EXPECT_EQ(eval("3s / 2s"), "1.5");
  EXPECT_EQ(eval("1500ms > 1s"), "true");
  EXPECT_EQ(eval("60s == 1m"), "true");
  set("limit", ExprValue(500));
  EXPECT_EQ(eval("1s > limit"), "!a time compares only with a time, such as 500ms");
  EXPECT_EQ(eval("1s + limit"), "!'+' has no meaning for a time and a number");
}

TEST_F(ScenarioExpression, NullEqualsOnlyNullAndHasNoOrder) {
  EXPECT_EQ(eval("null == null"), "true");
  EXPECT_EQ(eval("null == ''"), "false");
  EXPECT_EQ(eval("null < 5 or null >= 5"), "false");
  EXPECT_EQ(eval("[1] < 5"), "!a list and a number have no order");
}

TEST_F(ScenarioExpression, FindsThingsInListsTextsAndMaps) {
  set("map", ExprValue(ExprMap{{"a", ExprValue(ExprList{ExprValue(1), ExprValue(2)})}}));
  EXPECT_EQ(eval("2 in [1, '2']"), "true");
  EXPECT_EQ(eval("'b' in 'abc'"), "true");
  EXPECT_EQ(eval("'abc' contains 'bc'"), "true");
  EXPECT_EQ(eval("[1, 2] contains 2"), "true");
  EXPECT_EQ(eval("'a' in map"), "true");
  EXPECT_EQ(eval("'b' in null"), "false");
  EXPECT_EQ(eval("null contains 'a'"), "false");
  EXPECT_EQ(eval("'order 12' matches '\\d+'"), "true");
  EXPECT_EQ(eval("null matches 'a'"), "false");
  EXPECT_EQ(eval("map.a[1]"), "2");
  EXPECT_EQ(eval("map['a'][-1]"), "2");
  EXPECT_EQ(eval("map.b.c[5]"), "null");
  EXPECT_EQ(eval("map == map and [1, 2] == ['1', 2.0] and not [1] == [2]"), "true");
}

TEST_F(ScenarioExpression, ReadsTheResponse) {
  EXPECT_EQ(eval("[status, time, body, url, json('/a'), header('X'), cookie('c'), regex('a')]"),
            "[0, null, null, null, null, null, null, null]")
      << "before the first request";
  exchange_.request.url = "http://shop/a";
  exchange_.response.headers = "X-Id: 5\r\nSet-Cookie: a=b\r\nset-cookie: sid=x=1; Path=/\r\n";
  exchange_.response.response_time = std::chrono::milliseconds(250);
  answer(404, R"({"id": 9, "items": [{"id": 1}, {"id": 2}, {}], "a/b": {"~": "t"}, "f": 1.5})");
  EXPECT_EQ(eval("status"), "404");
  EXPECT_EQ(eval("time"), "0.25");
  EXPECT_EQ(eval("url"), "\"http://shop/a\"");
  exchange_.response.redirected_url = "http://shop/b";
  EXPECT_EQ(eval("url"), "\"http://shop/b\"");
  EXPECT_EQ(eval("size == len(body)"), "true");
  EXPECT_EQ(eval("header('x-id')"), "\"5\"");
  EXPECT_EQ(eval("cookie('sid')"), "\"x=1\"");
  EXPECT_EQ(eval("cookie('no')"), "null");
  EXPECT_EQ(eval("json('/id') + json('/f')"), "10.5");
  EXPECT_EQ(eval("json('/items/1/id')"), "2");
  EXPECT_EQ(eval("json('/items/*/id')"), "[1, 2]");
  EXPECT_EQ(eval("json('/items/9')"), "null");
  EXPECT_EQ(eval("json('/a~1b/~0')"), "\"t\"");
  EXPECT_EQ(eval("json('').id"), "9");
  EXPECT_EQ(eval("body contains 'items'"), "true");
  EXPECT_EQ(eval(R"(regex('"id": (\d+)'))"), "\"9\"");
  EXPECT_EQ(eval(R"(regex_all('"id": (\d)'))"), R"(["9", "1", "2"])");
  EXPECT_EQ(eval("regex_all('b', 'abab')"), R"(["b", "b"])");
  EXPECT_EQ(eval("regex_all('', 'ab')"), R"(["", "", ""])");
  EXPECT_EQ(eval("regex('z')"), "null");
  EXPECT_EQ(eval("failed or error"), "null");
  failure_ = "LocustBadStatusCode(code=404)";
  EXPECT_EQ(eval("[failed, error]"), "[true, \"LocustBadStatusCode(code=404)\"]");
}

TEST_F(ScenarioExpression, TellsWhereTheTimeOfARequestWent) {
  using namespace std::chrono_literals;
  const std::string times = "[time_dns, time_connect, time_tls, time_first_byte]";
  EXPECT_EQ(eval(times), "[null, null, null, null]") << "before the first request";
  exchange_.response.phases = {
      .resolved = 500ms, .connected = 10ms, .tls_done = 30ms, .first_byte = 280ms};
  answer(200, "");
  EXPECT_EQ(eval(times), "[0.5, 0.01, 0.02, 0.25]");
  EXPECT_EQ(eval("time_tls < 50ms and time_first_byte >= 250ms"), "true");
  exchange_.response.phases = {.first_byte = 250ms};
  EXPECT_EQ(eval(times), "[null, null, null, 0.25]") << "on an open connection";
  EXPECT_EQ(eval("time_tls or 0s"), "0");
}

TEST_F(ScenarioExpression, ParsesEachNewBodyAndSurvivesHostileOnes) {
  answer(200, R"({"a": 1})");
  EXPECT_EQ(eval("json('/a')"), "1");
  answer(200, R"({"a": 2})");
  EXPECT_EQ(eval("json('/a')"), "2");
  answer(200, "not json");
  EXPECT_EQ(eval("json('/a')"), "null");
  answer(200, std::string(100'000, '['));
  EXPECT_EQ(eval("json('')"), "null");
  answer(200, std::string(5000, '[') + std::string(5000, ']'));
  EXPECT_EQ(eval("json('')"), "null");
  answer(200, "[\"" + std::string(1'000'000, 'x') + "\"]");
  EXPECT_EQ(eval("len(json('/0'))"), "1000000");
  answer(200, "{\"a\": 3}");
  EXPECT_EQ(eval("json('/a')"), "3");
}

// RFC 8259 leaves their size open, and ids of twenty digits are usual.
TEST_F(ScenarioExpression, NumbersBeyond64BitsKeepTheirDigitsAndCompareAsNumbers) {
  answer(200, R"({"id": 12345678901234567890, "long": 123456789012345678901234567890, "one": 1,
                  "low": -9223372036854775809, "far": 1e400, "text": "a \" 99999999999999999999",
                  "list": [18446744073709551616, {"x": 18446744073709551617}]})");
  EXPECT_EQ(eval("json('/id')"), "12345678901234567890");
  EXPECT_EQ(eval("json('/long')"), "123456789012345678901234567890");
  EXPECT_EQ(eval("json('/low')"), "-9223372036854775809");
  EXPECT_EQ(eval("json('/far')"), "1e400");
  EXPECT_EQ(eval("json('/one')"), "1");
  EXPECT_EQ(eval("json('/text')"), "\"a \\\" 99999999999999999999\"");
  EXPECT_EQ(eval("json('/list')"), "[18446744073709551616, {\"x\": 18446744073709551617}]");
  EXPECT_EQ(eval("number(json('/long'))"), "123456789012345678901234567890");
  EXPECT_EQ(eval("max(json('/id'), json('/long'), 5)"), "123456789012345678901234567890");
  EXPECT_EQ(eval("json('/id') > json('/one') and json('/low') < 0"), "true");
  EXPECT_EQ(eval("json('/id') < json('/long') and json('/far') > json('/long')"), "true");
  EXPECT_EQ(eval("json('/id') == '12345678901234567890'"), "true");
  EXPECT_EQ(eval("json('/id') == '12345678901234567891'"), "false");
  EXPECT_EQ(eval("json('/list/0') == json('/list/1/x')"), "false");
  EXPECT_EQ(eval("json('/id') in ['12345678901234567891']"), "false");
  EXPECT_EQ(eval("'00000000000000000000007' == 7 and '12345678901234567890.0' == json('/id')"),
            "true");
  EXPECT_EQ(eval("json('/id') + 1 > 1.2e19"), "true");
  answer(200, "[18446744073709551616, 0123]");
  EXPECT_EQ(eval("json('/0')"), "null") << "that is no JSON";
  answer(200, R"({"a": "\u0001long number 7", "b": 18446744073709551616})");
  EXPECT_EQ(eval("json('/b')"), "18446744073709551616");
}

// One that finds millions of matches, or looks at all the rest for each, would hold up every user.
TEST_F(ScenarioExpression, RegexAllHasALimit) {
  answer(200, std::string(100'000, 'a'));
  EXPECT_EQ(eval("len(regex_all('a'))"), "100000");
  answer(200, std::string(100'001, 'a'));
  EXPECT_EQ(eval("len(regex_all('a'))"), "!regex_all() found more than 100000 matches");
  EXPECT_EQ(eval("len(regex_all('a+'))"), "1");
  EXPECT_EQ(eval("regex('a')"), "\"a\"");
}

// A millisecond passes with every look at it.
class TickingClock final : public Clock {
 public:
  TimePoint now() const override { return time_ += std::chrono::milliseconds(1); }
  double wall_time() const override { return 0; }

 private:
  mutable TimePoint time_{};
};

TEST_F(ScenarioExpression, RegexAllEndsWhenItHasSearchedForTooLong) {
  const TickingClock clock;
  EvalContext late = context();
  late.clock = &clock;
  const ParsedExpr parsed = parse_expression("regex_all('a')", names_);
  for (const std::size_t matches : {200U, 201U}) {
    answer(200, std::string(matches, 'a'));
    late.serial = serial_;
    std::string failure;
    try {
      evaluate(*parsed.expr, late);
    } catch (const ExprFailure& e) {
      failure = e.what();
    }
    EXPECT_EQ(failure, matches == 200 ? ""
                                      : "regex_all() has searched for 200 ms, which the other "
                                        "users wait for");
  }
}

TEST_F(ScenarioExpression, KnowsTheUserTheWorkerAndTheEnvironment) {
  runtime_.worker_index = 2;
  EXPECT_EQ(eval("[user_id, worker_index, iteration]"), "[7, 2, 3]");
  EXPECT_EQ(eval("env.KEY"), "\"secret\"");
  EXPECT_EQ(eval("env.NO or 'dev'"), "\"dev\"");
}

TEST_F(ScenarioExpression, DrawsWithinTheBounds) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    seen.insert(eval("random_int(1, 3)"));
    EXPECT_EQ(eval("random_float(2, 3) >= 2 and random_float(2, 3) < 3"), "true");
  }
  EXPECT_EQ(seen, (std::set<std::string>{"1", "2", "3"}));
  EXPECT_EQ(eval("random_choice(['a'])"), "\"a\"");
  EXPECT_EQ(eval("random_string(12) matches '^[A-Za-z0-9]{12}$'"), "true");
  EXPECT_EQ(
      eval(
          "uuid() matches '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'"),
      "true");
  EXPECT_EQ(eval("uuid() == uuid()"), "false");
  EXPECT_EQ(eval("random_int(2, 1)"), "!random_int(a, b) needs a <= b");
  EXPECT_EQ(eval("random_choice([])"), "!random_choice() needs a list that is not empty");
  EXPECT_EQ(eval("random_string(-1)"), "!random_string() makes up to 1048576 characters");
}

TEST_F(ScenarioExpression, TellsTheTime) {
  EXPECT_EQ(eval("now()"), "\"2023-11-14T22:13:20Z\"");
  EXPECT_EQ(eval("now('%Y-%m-%d', 7 * 24h)"), "\"2023-11-21\"");
  EXPECT_EQ(eval("now('%H', -3600)"), "\"21\"");
  EXPECT_EQ(eval("timestamp_ms()"), "1700000000000");
}

TEST_F(ScenarioExpression, ConvertsValues) {
  EXPECT_EQ(eval("len('äö') + len([1]) + len(null)"), "3");
  EXPECT_EQ(eval("min(3, '2', 5)"), "2");
  EXPECT_EQ(eval("max([3, 7])"), "7");
  EXPECT_EQ(eval("min(90, 1m)"), "60");
  EXPECT_EQ(eval("min(null, 1)"), "!min() of null");
  EXPECT_EQ(eval("floor(-1.5)"), "-2");
  EXPECT_EQ(eval("number('1.50')"), "1.5");
  EXPECT_EQ(eval("number('x')"), "null");
  EXPECT_EQ(eval("base64('user:pass')"), "\"dXNlcjpwYXNz\"");
  EXPECT_EQ(eval("urlencode('a b/ä')"), "\"a%20b%2F%C3%A4\"");
  EXPECT_EQ(eval("unescape('&lt;a href=&quot;&#x2F;&#47;&amp;amp;&nope;&')"),
            "\"<a href=\\\"//&amp;&nope;&\"");
  EXPECT_EQ(eval("sha256('abc')"),
            "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"");
  EXPECT_EQ(eval("hmac_sha256('key', 'The quick brown fox jumps over the lazy dog')"),
            "\"f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8\"");
  EXPECT_EQ(eval("sha256(null)"), "!sha256() needs a text, not null");
}

TEST_F(ScenarioExpression, GivesWaitsInSeconds) {
  EXPECT_EQ(eval("constant(1500ms)"), "1.5");
  EXPECT_EQ(eval("between(2, 2)"), "2.0");
  EXPECT_EQ(eval("min(lognormal(3, 0.8), 60) <= 60"), "true");
  EXPECT_EQ(eval("poisson(5) > 0"), "true");
  EXPECT_EQ(eval("poisson(0)"), "!poisson() needs a number above 0");
  clock_.advance(std::chrono::seconds(4));
  EXPECT_EQ(eval("constant_pacing(10)"), "6.0");
  EXPECT_EQ(eval("constant_throughput(0)"), "!constant_throughput() needs a number above 0");
}

TEST_F(ScenarioExpression, ReportsBadPatternsMadeAtRunTime) {
  set("pattern", ExprValue("("));
  EXPECT_EQ(eval("'a' matches pattern"), "!not a regular expression: missing ): (");
}

TEST(Durations, AreSecondsIfBareAndNeverNegative) {
  EXPECT_EQ(to_duration(ExprValue("1.5"), "x"), seconds(1.5));
  EXPECT_EQ(to_duration(ExprValue(-1), "x"), Duration::zero());
  EXPECT_EQ(to_duration(ExprValue(seconds(2)), "x"), seconds(2));
  EXPECT_THROW(to_duration(ExprValue("soon"), "x"), ExprFailure);
  EXPECT_THROW(to_duration(ExprValue(), "x"), ExprFailure);
}

TEST(RequoteUrl, EncodesOnlyWhatMayNotStandInAUrl) {
  EXPECT_EQ(requote_url("http://x/a b/ä?q=%20&r=\"<>"), "http://x/a%20b/%C3%A4?q=%20&r=%22%3C%3E");
  EXPECT_EQ(requote_url("/a?b=c;d[1]=e#f"), "/a?b=c;d[1]=e#f");
}

TEST_F(ScenarioExpression, ShowsTheValuesThatDecidedAConditionAndNoSecrets) {
  const auto describe = [&](std::string_view text) {
    const ParsedExpr parsed = parse_expression(text, names_);
    return describe_values(*parsed.expr, context());
  };
  using testing::ElementsAre;
  set("order", ExprValue(ExprMap{{"id", ExprValue(7)}}));
  set("api_token", ExprValue("hunter2"));
  set("long", ExprValue(std::string(300, 'x')));
  answer(503, R"({"status": "closed", "n": [1, 2]})");
  EXPECT_THAT(describe("status == 200 or json('/status') == 'open' and status < 400"),
              ElementsAre("status = 503", "json('/status') = 'closed'"));
  EXPECT_THAT(describe("not (order.id in [1, order['id'] + 1]) and missing"),
              ElementsAre("order.id = 7", "order['id'] = 7", "missing = null"));
  EXPECT_THAT(describe("len(json('/n')) > 3"), ElementsAre("len(json('/n')) = 2"));
  EXPECT_THAT(describe("api_token == env.KEY or random_int(1, 6) == 7"),
              ElementsAre("api_token = ***"));
  EXPECT_THAT(describe("regex('(') == 'x'"),
              ElementsAre(testing::StartsWith("regex('(') = error: ")));
  EXPECT_THAT(describe("long"), ElementsAre("long = '" + std::string(200, 'x') + "'… (300 bytes)"));
}

}  // namespace
}  // namespace locust::worker
