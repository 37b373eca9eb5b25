#include "worker/user/http_session.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "common/stats/mask_stats.h"
#include "tests/fakes/fake_http_engine.h"
#include "tests/fakes/fake_user_context.h"

namespace locust::worker {
namespace {

using fakes::FakeUserContext;
using namespace std::chrono_literals;

class HttpSessionTest : public ::testing::Test {
 protected:
  const StatsEntry& entry(const std::string& name, const std::string& method = "GET") {
    const StatsEntry* found = stats_.find(name, method);
    if (found == nullptr) throw std::runtime_error("no row " + method + " " + name);
    return *found;
  }

  fakes::SimulatedLoop loop_;
  fakes::FakeHttpEngine engine_{loop_};
  FakeUserContext context_;
  RequestStats stats_{0, StatsRole::kWorker};
  HttpSession session_{context_, engine_, stats_, "http://shop:8080/base"};
};

TEST_F(HttpSessionTest, PutsTheHostBeforeAPathAsText) {
  session_.get("/items?id=1");
  session_.get("items");
  EXPECT_EQ(context_.requests[0].url, "http://shop:8080/base/items?id=1");
  EXPECT_EQ(context_.requests[1].url, "http://shop:8080/baseitems");
  EXPECT_EQ(entry("/items?id=1").num_requests, 1);
}

TEST_F(HttpSessionTest, SendsAnAbsoluteUrlAsItIs) {
  session_.get("HTTPS://other/x");
  EXPECT_EQ(context_.requests[0].url, "HTTPS://other/x");
  EXPECT_EQ(entry("HTTPS://other/x").num_requests, 1);
}

TEST_F(HttpSessionTest, ARelativeUrlWithoutAHostIsTheTasksError) {
  HttpSession session(context_, engine_, stats_, "");
  EXPECT_THROW(session.get("/x"), std::runtime_error);
  session.get("http://other/x");
  EXPECT_EQ(stats_.total().num_requests, 1);
}

TEST_F(HttpSessionTest, LogsTimeLengthAndNameOfAResponse) {
  context_.responses = {FakeUserContext::response(200, "hello", 12.5)};
  const HttpResponse& response = session_.get("/items/7", {.name = "/items/[id]"});
  EXPECT_EQ(response.body, "hello");
  const StatsEntry& row = entry("/items/[id]");
  EXPECT_EQ(row.num_requests, 1);
  EXPECT_EQ(row.num_failures, 0);
  EXPECT_EQ(row.total_response_time, Number(12.5));
  EXPECT_EQ(row.total_content_length, 5);
  EXPECT_EQ(row.last_request_timestamp, context_.clock().wall_time());
}

TEST_F(HttpSessionTest, AStatusOf400OrMoreIsAFailureWithStocksText) {
  context_.responses = {FakeUserContext::response(399), FakeUserContext::response(400),
                        FakeUserContext::response(503)};
  session_.get("/");
  EXPECT_EQ(stats_.total().num_failures, 0);
  session_.get("/");
  session_.get("/");
  EXPECT_EQ(stats_.total().num_failures, 2);
  ASSERT_EQ(stats_.errors().size(), 2U);
  EXPECT_EQ(stats_.errors()[0].second.error, "LocustBadStatusCode(code=400)");
  EXPECT_EQ(stats_.errors()[1].second.error, "LocustBadStatusCode(code=503)");
}

TEST_F(HttpSessionTest, AFailureWithoutResponseIsLoggedWithTheEnginesText) {
  HttpResponse refused;
  refused.error = HttpErrorKind::kConnect;
  refused.error_text = "ConnectionRefusedError(111, 'Connection refused')";
  context_.responses = {refused};
  session_.get("/");
  EXPECT_EQ(entry("/").num_requests, 1);
  EXPECT_EQ(entry("/").num_failures, 1);
  EXPECT_EQ(stats_.errors().at(0).second.error, refused.error_text);
}

TEST_F(HttpSessionTest, AResponseThatBreaksOffCountsNoLengthAsInStock) {
  HttpResponse cut = FakeUserContext::response(200, "the half");
  cut.error = HttpErrorKind::kProtocol;
  cut.error_text = "HTTPParseError('Incomplete response.')";
  context_.responses = {cut, FakeUserContext::response(500, "whole")};
  session_.get("/cut");
  session_.get("/error");
  EXPECT_EQ(entry("/cut").total_content_length, 0);
  EXPECT_EQ(entry("/error").total_content_length, 5);
}

TEST_F(HttpSessionTest, TheCallerCanJudgeAResponseBeforeItIsLogged) {
  context_.responses = {FakeUserContext::response(404), FakeUserContext::response(200)};
  session_.send("GET", "/missing");
  EXPECT_EQ(stats_.total().num_requests, 0);
  session_.finish("");
  EXPECT_EQ(stats_.total().num_failures, 0);

  session_.send("GET", "/wrong");
  session_.finish("order is open");
  EXPECT_EQ(stats_.total().num_requests, 2);
  EXPECT_EQ(stats_.total().num_failures, 1);
  EXPECT_EQ(stats_.errors().at(0).second.error, "order is open");
}

TEST_F(HttpSessionTest, TheFirstFailureOfEachKindIsKeptAsEvidence) {
  int completed = 0;
  const auto complete = [&](FailedExchange& exchange) {
    ++completed;
    exchange.values.push_back("x = 1");
  };
  for (const char* failure : {"broken", "broken", "worse", ""}) {
    session_.send("GET", "/a");
    session_.finish(failure, complete);
  }
  EXPECT_EQ(completed, 2);
  ASSERT_EQ(stats_.errors().size(), 2U);
  for (const auto& [key, error] : stats_.errors()) {
    ASSERT_NE(error.exchange, nullptr);
    EXPECT_EQ(error.exchange->request, "GET http://shop:8080/base/a\n");
    EXPECT_EQ(error.exchange->to_text(""), "GET http://shop:8080/base/a\nHTTP 200\nwhere x = 1\n");
  }
  // Later reports of the same test are silent, a new test is not.
  (void)stats_.get_stripped_report(1);
  session_.send("GET", "/a");
  session_.finish("broken", complete);
  EXPECT_EQ(completed, 2);
  EXPECT_EQ(stats_.errors().at(0).second.exchange, nullptr);
  stats_.clear_all(2);
  session_.send("GET", "/a");
  session_.finish("broken", complete);
  EXPECT_EQ(completed, 3);
}

TEST_F(HttpSessionTest, TheLevelOfEvidenceSaysWhatIsKept) {
  const auto fail = [this](EvidenceLevel own, EvidenceLevel masters) {
    set_evidence_level(own);
    set_masters_evidence_level(masters);
    stats_.clear_all(0);
    context_.responses = {FakeUserContext::response(500, "the body")};
    session_.send("GET", "/a");
    session_.finish("broken", [](FailedExchange& exchange) { exchange.values.push_back("x = 1"); });
    const auto exchange = stats_.errors().at(0).second.exchange;
    return exchange ? exchange->to_text("") : "nothing";
  };
  using enum EvidenceLevel;
  const std::string head = "GET http://shop:8080/base/a\nHTTP 500\n";
  EXPECT_EQ(fail(kFull, kFull), head + "the body\nwhere x = 1\n");
  EXPECT_EQ(fail(kHead, kFull), head);
  EXPECT_EQ(fail(kFull, kHead), head);
  EXPECT_EQ(fail(kNone, kFull), "nothing");
  EXPECT_EQ(fail(kHead, kNone), "nothing");
  EXPECT_EQ(fail(kFull, kFull), head + "the body\nwhere x = 1\n") << "of the next test";
}

TEST_F(HttpSessionTest, FailuresThatDifferInTheirSecretsAreOneKind) {
  std::vector<std::string> samples;
  const RequestEvent request = [&samples](const RequestSample& sample) {
    samples.emplace_back(sample.error);
  };
  HttpSession session(context_, engine_, stats_, "http://shop", {.request = &request});
  for (const char* failure : {"no for /?token=a1&x=1", "no for /?token=b2&x=1"}) {
    session.send("GET", "/a");
    session.finish(failure);
    session.log_transaction("buy", 1ms, failure);
  }
  ASSERT_EQ(stats_.errors().size(), 2U);
  for (const auto& [key, error] : stats_.errors()) {
    EXPECT_EQ(error.error, "no for /?token=***&x=1");
    EXPECT_EQ(error.occurrences, 2);
    EXPECT_EQ(key, StatsError::create_key(error.method, error.name, error.error));
  }
  EXPECT_EQ(samples, std::vector<std::string>(4, "no for /?token=***&x=1"));
}

TEST_F(HttpSessionTest, OnlyTheFirstVerdictCounts) {
  session_.send("GET", "/");
  session_.finish("wrong");
  session_.finish("");
  session_.finish("wrong");
  EXPECT_EQ(stats_.total().num_requests, 1);
  EXPECT_EQ(stats_.total().num_failures, 1);
}

TEST_F(HttpSessionTest, ARequestNobodyJudgedIsLoggedByTheNextOneOrAtTheEnd) {
  auto session = std::make_unique<HttpSession>(context_, engine_, stats_, "http://shop");
  context_.responses = {FakeUserContext::response(500), FakeUserContext::response(200)};
  session->send("GET", "/first");
  session->send("GET", "/second");
  EXPECT_EQ(entry("/first").num_failures, 1);
  EXPECT_EQ(stats_.total().num_requests, 1);
  session.reset();
  EXPECT_EQ(entry("/second").num_requests, 1);
  EXPECT_EQ(stats_.total().num_requests, 2);
}

TEST_F(HttpSessionTest, ARequestCancelledInFlightIsNotLogged) {
  context_.respond = [](const HttpRequest&) { return FakeUserContext::response(200, "", 1000); };
  context_.kill_at(context_.clock().now() + 500ms);
  EXPECT_THROW(session_.get("/"), UserKilled);
  EXPECT_EQ(stats_.total().num_requests, 0);
  session_.get("/logout");
  EXPECT_EQ(stats_.total().num_requests, 1);
  EXPECT_EQ(entry("/logout").num_requests, 1);
}

TEST_F(HttpSessionTest, AnUnrecordedRequestIsMadeButNotLogged) {
  context_.responses = {FakeUserContext::response(500)};
  EXPECT_EQ(session_.get("/", {.record = false}).status, 500);
  EXPECT_EQ(session_.default_failure(), "LocustBadStatusCode(code=500)");
  EXPECT_EQ(stats_.total().num_requests, 0);
  EXPECT_TRUE(stats_.errors().empty());
}

TEST_F(HttpSessionTest, HeadersOfTheSessionGoWithEveryRequestUntilRemoved) {
  session_.change_headers({{"X-Api-Key", "k"}, {"Authorization", "Bearer 1"}});
  session_.get("/");
  session_.get("/", {.headers = {{"AUTHORIZATION", "Bearer 2"}, {"x-api-key", std::nullopt}}});
  session_.change_headers({{"authorization", std::nullopt}});
  session_.get("/");
  EXPECT_EQ(context_.requests[0].headers,
            (HttpHeaders{{"X-Api-Key", "k"}, {"Authorization", "Bearer 1"}}));
  EXPECT_EQ(context_.requests[1].headers, (HttpHeaders{{"AUTHORIZATION", "Bearer 2"}}));
  EXPECT_EQ(context_.requests[2].headers, (HttpHeaders{{"X-Api-Key", "k"}}));
}

TEST_F(HttpSessionTest, JsonAddsItsHeadersUnlessGiven) {
  session_.post("/", {.json = "{}"});
  session_.post("/", {.headers = {{"content-type", "application/vnd.x+json"}}, .json = "{}"});
  session_.post("/", {.body = "a=1", .json = "{}"});
  EXPECT_EQ(context_.requests[0].method, "POST");
  EXPECT_EQ(context_.requests[0].body, "{}");
  EXPECT_EQ(context_.requests[0].headers,
            (HttpHeaders{{"Content-Type", "application/json"}, {"Accept", "application/json"}}));
  EXPECT_EQ(context_.requests[1].headers, (HttpHeaders{{"content-type", "application/vnd.x+json"},
                                                       {"Accept", "application/json"}}));
  EXPECT_EQ(context_.requests[2].body, "a=1");
  EXPECT_TRUE(context_.requests[2].headers.empty());
}

TEST_F(HttpSessionTest, OptionsOfOneRequestDoNotReachTheNext) {
  HttpRoute route;
  route.verify = false;
  session_.request("PURGE", "/",
                   {.name = "purge",
                    .body = "x",
                    .timeout = 2s,
                    .allow_redirects = false,
                    .max_redirects = 3,
                    .keep_headers = false,
                    .keep_body = false,
                    .route = route});
  session_.get("/");
  const HttpRequest& first = context_.requests[0];
  EXPECT_EQ(first.method, "PURGE");
  EXPECT_EQ(first.timeout, 2s);
  EXPECT_FALSE(first.allow_redirects);
  EXPECT_EQ(first.max_redirects, 3);
  EXPECT_FALSE(first.keep_headers);
  EXPECT_FALSE(first.keep_body);
  EXPECT_FALSE(first.route.verify);
  const HttpRequest& second = context_.requests[1];
  EXPECT_EQ(second.method, "GET");
  EXPECT_EQ(second.body, "");
  EXPECT_EQ(second.timeout, 60s);
  EXPECT_TRUE(second.allow_redirects);
  EXPECT_EQ(second.max_redirects, 30);
  EXPECT_TRUE(second.keep_headers);
  EXPECT_TRUE(second.keep_body);
  EXPECT_TRUE(second.route.verify);
  EXPECT_EQ(session_.name(), "/");
}

TEST_F(HttpSessionTest, EachMethodHasItsWord) {
  session_.get("/");
  session_.post("/");
  session_.put("/");
  session_.patch("/");
  session_.request("DELETE", "/", {});
  session_.head("/");
  session_.options("/");
  std::string methods;
  for (const HttpRequest& request : context_.requests) methods += request.method + " ";
  EXPECT_EQ(methods, "GET POST PUT PATCH DELETE HEAD OPTIONS ");
}

}  // namespace
}  // namespace locust::worker
