// What each path answers, with a run that is made up.
#include "master/web/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "master/web/http_text.h"
#include "master/web/user_settings.h"
#include "tests/fakes/example_run.h"
#include "tests/fakes/simulated_loop.h"

namespace locust::master::web {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// Answers at once and remembers what it was asked for.
class FakeControl final : public RunControl {
 public:
  void swarm(SwarmForm form, std::function<void(SwarmReply)> reply) override {
    forms.push_back(std::move(form));
    reply(swarm_reply);
  }
  void stop(std::function<void()> reply) override {
    ++stops;
    reply();
  }
  void reset_stats(std::function<void()> reply) override {
    ++resets;
    reply();
  }
  void update_user_class(proto::UpdateUserClass update,
                         std::function<void(Result<void>)> reply) override {
    if (update.user_class_name == "<X>") return reply(Error{"there is no user class '<X>'"});
    updates.push_back(std::move(update));
    reply({});
  }
  void worker_logs(std::function<void(WorkerLines)> reply) override {
    ++logs;
    reply(lines);
  }

  std::vector<SwarmForm> forms;
  std::vector<proto::UpdateUserClass> updates;
  SwarmReply swarm_reply{.success = true, .message = "Swarming started", .host = "http://a"};
  WorkerLines lines = {{"w_1", std::make_shared<const std::vector<std::string>>(1, "a line")}};
  int logs = 0;
  int stops = 0;
  int resets = 0;
};

class RoutesTest : public testing::Test {
 protected:
  explicit RoutesTest(RouteOptions options = {}, Access* access = nullptr)
      : options_(std::move(options)), access_(access) {}

  Routes& routes() {
    if (!routes_) {
      routes_.emplace(options_, control_, access_);
      (void)routes_->show(run_.frozen());
    }
    return *routes_;
  }
  Response ask(std::string method, std::string path, std::string body = "", Fields headers = {}) {
    Request request;
    request.method = std::move(method);
    const std::size_t end = path.find('?');
    request.path = path.substr(0, end);
    if (end != std::string::npos) request.query = path.substr(end + 1);
    request.headers = std::move(headers);
    if (!body.empty() && request.header("content-type").empty()) {
      request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
    }
    request.body = std::move(body);
    request.peer = "127.0.0.1";
    std::optional<Response> answer;
    routes().handle(request, [&answer](Response response) { answer = std::move(response); });
    EXPECT_TRUE(answer) << path;
    return answer.value_or(Response());
  }
  Response get(std::string path, Fields headers = {}) {
    return ask("GET", std::move(path), "", std::move(headers));
  }
  json get_json(std::string path) {
    const Response response = get(path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.content_type, "application/json") << path;
    return json::parse(text(response));
  }
  static std::string text(const Response& response) {
    return response.body ? *response.body : std::string();
  }
  static std::string header(const Response& response, std::string_view name) {
    const std::string* value = find_field(response.headers, name);
    return value == nullptr ? "" : *value;
  }

  fakes::ExampleRun run_;
  RouteOptions options_;
  Access* access_;
  FakeControl control_;
  std::optional<Routes> routes_;
};

// ---- Stock's ----

TEST_F(RoutesTest, StatsRequestsHasStocksKeysAndKindsOfNumbers) {
  const json answer = get_json("/stats/requests");
  EXPECT_EQ(answer["state"], "running");
  EXPECT_EQ(answer["user_count"], 7);
  EXPECT_EQ(answer["worker_count"], 1);
  EXPECT_TRUE(answer["fail_ratio"].is_number_float());
  EXPECT_EQ(answer["workers"][0]["id"], "w_1");
  const json row = answer["stats"][0];
  EXPECT_EQ(row["name"], "/a");
  EXPECT_EQ(row["method"], "GET");
  EXPECT_EQ(row["num_requests"], 3);
  EXPECT_EQ(row["min_response_time"].dump(), "10.0");
  EXPECT_EQ(row["median_response_time"].dump(), "20");
  EXPECT_TRUE(row.contains("response_time_percentile_0.95"));
  EXPECT_TRUE(row.contains("response_time_percentile_0.99"));
  EXPECT_EQ(answer["stats"].back()["name"], "Aggregated");
  EXPECT_TRUE(answer["current_response_time_percentiles"].contains("response_time_percentile_0.5"));
  EXPECT_EQ(answer["errors"][0]["occurrences"], 1);
}

TEST_F(RoutesTest, SwarmHandsTheFormOnAndAnswersAsStock) {
  control_.swarm_reply.run_time = 60;
  const Response response =
      ask("POST", "/swarm", "user_count=5&spawn_rate=2&host=http%3A%2F%2Fa&run_time=1m");
  EXPECT_EQ(text(response),
            "{\"host\":\"http://a\",\"message\":\"Swarming started\",\"run_time\":60,\"success\":"
            "true}\n");
  ASSERT_EQ(control_.forms.size(), 1);
  EXPECT_EQ(control_.forms[0].user_count, 5);
}

TEST_F(RoutesTest, AFormThatCannotBeReadReachesNoControl) {
  const json answer = json::parse(text(ask("POST", "/swarm", "user_count=x")));
  EXPECT_EQ(answer["success"], false);
  EXPECT_THAT(answer["message"].get<std::string>(), HasSubstr("user_count"));
  EXPECT_THAT(control_.forms, IsEmpty());
}

TEST_F(RoutesTest, AFormOfTooManyFieldsIsRefused) {
  std::string form;
  for (std::size_t i = 0; i < kMaxFields; ++i) form += "&a=1";
  EXPECT_EQ(ask("POST", "/swarm", form).status, 200);
  EXPECT_EQ(ask("POST", "/swarm", form + "&a=1").status, 413);
  EXPECT_EQ(control_.forms.size(), 1);
}

TEST_F(RoutesTest, AMultipartFormIsReadToo) {
  const std::string body =
      "--x\r\nContent-Disposition: form-data; name=\"user_count\"\r\n\r\n5\r\n--x--\r\n";
  Request request{.method = "POST", .path = "/swarm"};
  request.headers = {{"content-type", "multipart/form-data; boundary=x"}};
  request.body = body;
  routes().handle(request, [](const Response&) {});
  ASSERT_EQ(control_.forms.size(), 1);
  EXPECT_EQ(control_.forms[0].user_count, 5);
}

TEST_F(RoutesTest, StopAndResetAnswerGetAndPostAsStocksOfEveryRelease) {
  for (const char* method : {"GET", "POST"}) {
    EXPECT_EQ(text(ask(method, "/stop")), "{\"message\":\"Test stopped\",\"success\":true}\n");
    EXPECT_EQ(text(ask(method, "/stats/reset")), "ok");
  }
  EXPECT_EQ(control_.stops, 2);
  EXPECT_EQ(control_.resets, 2);
}

TEST_F(RoutesTest, FilesHaveStocksNamesAndTypes) {
  for (const char* path : {"/stats/requests/csv", "/stats/failures/csv", "/exceptions/csv"}) {
    const Response response = get(path);
    EXPECT_EQ(response.content_type, "text/csv") << path;
    EXPECT_THAT(header(response, "Content-Disposition"),
                testing::MatchesRegex("attachment;filename=\"Locust_20[0-9-]+h[0-9]+_shop.yaml_"
                                      "http://target_[a-z]+.csv\""));
  }
  EXPECT_THAT(text(get("/stats/requests/csv")), StartsWith("Type,Name,Request Count"));
  EXPECT_THAT(text(get("/exceptions/csv")), StartsWith("Count,Message,Traceback,Nodes"));
}

TEST_F(RoutesTest, TheFullHistoryNeedsItsOption) {
  EXPECT_EQ(get("/stats/requests_full_history/csv").status, 404);
  options_.history_file = "/tmp/history.csv";
  routes_.reset();
  const Response history = get("/stats/requests_full_history/csv");
  EXPECT_EQ(history.file, "/tmp/history.csv");
  EXPECT_EQ(history.content_type, "text/csv; charset=utf-8");
}

TEST_F(RoutesTest, TasksAreWeighedByUsers) {
  const json answer = get_json("/tasks");
  EXPECT_EQ(answer["per_class"]["Shop"]["ratio"], 1.0);
  EXPECT_EQ(answer["per_class"]["Shop"]["tasks"]["browse"]["ratio"], 0.75);
  EXPECT_EQ(answer["total"]["Shop"]["tasks"]["browse"]["ratio"], 0.75);
}

TEST_F(RoutesTest, TheOthersOfStockAnswer) {
  EXPECT_EQ(get_json("/worker-count")["worker_count"], 1);
  EXPECT_EQ(get_json("/logs")["workers"]["w_1"][0], "a line");
  EXPECT_EQ(get_json("/exceptions")["exceptions"][0]["nodes"], "w_1, w_2");
  const Response login = get("/login");
  EXPECT_EQ(login.status, 302);
  EXPECT_EQ(header(login, "Location"), "/");
}

TEST_F(RoutesTest, AUserClassIsChangedByJsonOnly) {
  const std::string settings = R"({"user_class_name": "Shop", "weight": 2})";
  const Fields json_type = {{"content-type", "Application/JSON; charset=utf-8"}};
  const Response updated = ask("POST", "/user", settings, json_type);
  EXPECT_EQ(updated.status, 201);
  EXPECT_EQ(text(updated), "{}\n");
  ASSERT_EQ(control_.updates.size(), 1);
  EXPECT_EQ(control_.updates[0].user_class_name, "Shop");
  // What a page of another site can send.
  EXPECT_EQ(ask("POST", "/user", settings).status, 415);
  EXPECT_EQ(ask("POST", "/user", settings, {{"content-type", "text/plain"}}).status, 415);
  EXPECT_EQ(ask("POST", "/user").status, 415);
  EXPECT_EQ(ask("POST", "/user", "bad", json_type).status, 400);
  EXPECT_EQ(ask("POST", "/user", std::string(kMaxSettingsBytes + 1, ' '), json_type).status, 413);
  const Response unknown = ask("POST", "/user", R"({"user_class_name": "<X>"})", json_type);
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(text(unknown), "there is no user class &#39;&lt;X&gt;&#39;");
  EXPECT_EQ(control_.updates.size(), 1);
}

TEST_F(RoutesTest, OtherMethodsAndPathsAreRefusedAsByStock) {
  const Response method = get("/swarm");
  EXPECT_EQ(method.status, 405);
  EXPECT_THAT(header(method, "Allow"), HasSubstr("POST"));
  EXPECT_THAT(text(method), HasSubstr("<h1>Method Not Allowed</h1>"));
  EXPECT_EQ(ask("POST", "/tasks", "a=1").status, 405);
  EXPECT_EQ(ask("PUT", "/stop", "a=1").status, 405);
  EXPECT_EQ(control_.stops, 0);
  EXPECT_EQ(get("/nothing").status, 404);
  EXPECT_THAT(text(get("/nothing")), HasSubstr("<h1>Not Found</h1>"));
  EXPECT_EQ(get("/stop/").status, 404);
  EXPECT_EQ(ask("OPTIONS", "/stop").status, 200);
  EXPECT_EQ(ask("HEAD", "/stats/requests").status, 200);
}

TEST_F(RoutesTest, WhoAsksTheSameOfOneViewIsSentTheSameBody) {
  for (const char* path : {"/stats/requests", "/stats/requests/csv", "/api/v1/run.json",
                           "/api/v1/entries", "/api/v1/history", "/metrics"}) {
    const Text body = get(path).body;
    EXPECT_EQ(get(path).body, body) << path;
    (void)routes().show(run_.frozen());
    EXPECT_NE(get(path).body, body) << path;
  }
  const Text later = get("/api/v1/history?after=1700000001").body;
  EXPECT_NE(get("/api/v1/history").body, later);
  EXPECT_EQ(*get("/api/v1/history?after=1700000001").body, *later);
}

TEST_F(RoutesTest, LogsAreAskedForAgainWhenTheirVersionHasChanged) {
  const Text body = get("/logs").body;
  (void)routes().show(run_.frozen());
  EXPECT_EQ(get("/logs").body, body);
  EXPECT_EQ(control_.logs, 1);
  ++run_.view.versions.logs;
  (void)routes().show(run_.frozen());
  EXPECT_NE(get("/logs").body, body);
  EXPECT_EQ(control_.logs, 2);
}

TEST_F(RoutesTest, OfManyLongLogsTheLastLinesAreTold) {
  const auto lines = std::make_shared<std::vector<std::string>>(99, std::string(1'000, 'x'));
  lines->push_back("last");
  control_.lines.clear();
  for (int i = 0; i < 1'000; ++i) control_.lines.emplace_back("w_" + std::to_string(i), lines);
  const Response response = get("/logs");
  EXPECT_LT(response.body->size(), std::size_t{10} << 20);
  const json of_worker = json::parse(text(response))["workers"]["w_999"];
  EXPECT_EQ(of_worker.size(), 9);
  EXPECT_EQ(of_worker.back(), "last");
}

TEST_F(RoutesTest, EveryAnswerForbidsWhatAPageNeedsNot) {
  const Response response = get("/stats/requests");
  EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(response, "X-Frame-Options"), "DENY");
  EXPECT_EQ(header(response, "Referrer-Policy"), "same-origin");
  EXPECT_EQ(header(response, "Cache-Control"), "no-store");
  EXPECT_THAT(header(response, "Content-Security-Policy"), HasSubstr("default-src 'self'"));
  EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "");
}

// ---- Other sites ----

TEST_F(RoutesTest, AnotherSiteNeitherChangesNorReads) {
  const Fields evil = {{"host", "10.0.0.1:8089"}, {"origin", "http://evil.example"}};
  EXPECT_EQ(ask("POST", "/swarm", "user_count=5&spawn_rate=1", evil).status, 403);
  EXPECT_EQ(ask("POST", "/user", "{}", evil).status, 403);
  for (const Operation& operation : Routes::operations()) {
    const std::string path(operation.path);
    const std::string method = operation.method == Method::kPost ? "POST" : "GET";
    const bool is_probe = path == "/healthz" || path == "/readyz";
    EXPECT_EQ(ask(method, path, "", evil).status == 403, !is_probe) << method << " " << path;
  }
  EXPECT_EQ(ask("OPTIONS", "/swarm", "", evil).status, 403);
  EXPECT_EQ(get("/assets/index.js", evil).status, 403);
  EXPECT_EQ(control_.stops + control_.resets, 0);
  EXPECT_THAT(control_.forms, IsEmpty());
}

TEST_F(RoutesTest, AnImageOfAnotherSiteNeitherStopsNorResets) {
  const Fields image = {{"host", "localhost:8089"}, {"sec-fetch-site", "cross-site"}};
  EXPECT_EQ(get("/stop", image).status, 403);
  EXPECT_EQ(get("/stats/reset", image).status, 403);
  EXPECT_EQ(control_.stops + control_.resets, 0);
  EXPECT_EQ(get("/stats/requests", image).status, 200) << "a link may be followed";
  for (const char* site : {"same-origin", "none"}) {
    EXPECT_EQ(get("/stop", {{"host", "localhost:8089"}, {"sec-fetch-site", site}}).status, 200);
  }
  EXPECT_EQ(get("/stop", {{"host", "localhost:8089"}}).status, 200) << "curl";
  EXPECT_EQ(control_.stops, 3);
}

TEST_F(RoutesTest, UnderAForeignNameOnlyTheProbesAnswer) {
  const Fields rebound = {{"host", "rebind.evil.example"}};
  EXPECT_EQ(get("/healthz", rebound).status, 200);
  EXPECT_EQ(get("/readyz", rebound).status, 503);
  const Response refused = get("/api/v1/run.json", rebound);
  EXPECT_EQ(refused.status, 403);
  const json answer = json::parse(text(refused));
  EXPECT_EQ(answer["success"], false);
  EXPECT_THAT(answer["message"], HasSubstr("--web-allowed-hosts"));
  EXPECT_EQ(get("/missing", rebound).status, 403);
  const Response page =
      get("/", {{"host", "<b>.example"}, {"accept", "text/html,application/xhtml+xml"}});
  EXPECT_EQ(page.status, 403);
  EXPECT_THAT(text(page), HasSubstr("the name &#39;&lt;b&gt;.example&#39;"));
  EXPECT_THAT(text(page), HasSubstr("--web-allowed-hosts"));
}

class AllowedHostsTest : public RoutesTest {
 protected:
  AllowedHostsTest() : RoutesTest({.base_path = "", .origins = OriginCheck({"locust-master"})}) {}
};

TEST_F(AllowedHostsTest, AnAllowedNameIsAnswered) {
  EXPECT_EQ(get("/stats/requests", {{"host", "locust-master:8089"}}).status, 200);
  EXPECT_EQ(ask("POST", "/swarm", "user_count=5&spawn_rate=1",
                {{"host", "locust-master:8089"}, {"origin", "http://locust-master:8089"}})
                .status,
            200);
  EXPECT_EQ(control_.forms.size(), 1);
}

// ---- Ours ----

TEST_F(RoutesTest, AStreamBeginsWithTheLastTick) {
  const Response response = get("/api/v1/events");
  EXPECT_TRUE(response.stream);
  EXPECT_EQ(response.content_type, "text/event-stream");
  const std::string body = text(response);
  EXPECT_THAT(body, HasSubstr("event: tick\ndata: {"));
  EXPECT_THAT(body, testing::EndsWith("\n\n"));
  const json tick = json::parse(body.substr(body.find("data: ") + 6));
  EXPECT_EQ(tick["state"], "running");
  EXPECT_EQ(tick["run"]["id"], 3);
  EXPECT_EQ(tick["run"]["end_time"], nullptr);
  EXPECT_EQ(tick["total"]["num_requests"], 3);
  EXPECT_EQ(tick["user_classes_count"]["Shop"], 7);
  EXPECT_EQ(tick["expected_workers"], 2);
  EXPECT_TRUE(tick["versions"].contains("history"));
}

TEST_F(RoutesTest, CollectionsHaveWhatThePageShows) {
  const json entries = get_json("/api/v1/entries");
  EXPECT_EQ(entries["percentiles"].dump(), "[50,99.9]");
  EXPECT_EQ(entries["entries"][0]["percentiles"]["99.9"], 30.5);
  EXPECT_EQ(entries["entries"][0]["phases"]["connect"]["50"], 2.0);
  EXPECT_EQ(entries["total"]["curve"][0].dump(), "[50.0,20.0]");
  EXPECT_EQ(entries["two_digits"], false);
  const json failures = get_json("/api/v1/failures");
  EXPECT_EQ(failures["failures"][0]["exchange"]["request"], "GET /a");
  EXPECT_EQ(failures["failures"][0]["exchange"]["values"][0].dump(),
            R"x({"value":"'closed'","what":"json('/s')"})x");
  EXPECT_THAT(get_json("/api/v1/exceptions")["exceptions"][0]["nodes"], ElementsAre("w_1", "w_2"));
  const json worker = get_json("/api/v1/workers")["workers"][0];
  EXPECT_EQ(worker["native"], true);
  EXPECT_EQ(worker["loop_lag"], 1.5);
  EXPECT_THAT(worker["limits"], ElementsAre("cpu"));
  EXPECT_EQ(get_json("/api/v1/logs")["workers"]["w_1"][0], "a line");
  EXPECT_TRUE(get_json("/api/v1/tasks").contains("per_class"));
}

TEST_F(RoutesTest, HistoryComesWholeOrFromAMomentOn) {
  const json all = get_json("/api/v1/history");
  EXPECT_EQ(all["complete"], true);
  EXPECT_EQ(all["columns"]["time"].size(), 2);
  EXPECT_THAT(all["columns"]["p99.9"], ElementsAre(40.0, nullptr));
  EXPECT_EQ(all["heat"]["bounds"].size(), 48);
  EXPECT_EQ(all["heat"]["cells"].size(), 2);
  EXPECT_EQ(all["markers"][0]["kind"], "start");
  const json later = get_json("/api/v1/history?after=1700000001");
  EXPECT_EQ(later["complete"], false);
  EXPECT_THAT(later["columns"]["time"], ElementsAre(1'700'000'002.0));
  EXPECT_EQ(get_json("/api/v1/history?after=1600000000")["complete"], true);
  EXPECT_EQ(get("/api/v1/history?after=x").status, 400);
}

TEST_F(RoutesTest, TheFormTellsNoSecret) {
  const json form = get_json("/api/v1/form");
  EXPECT_EQ(form["users"], 10);
  EXPECT_EQ(form["user_classes"][0]["name"], "Shop");
  EXPECT_EQ(form["arguments"][0]["default"], "5");
  EXPECT_EQ(form["arguments"][0]["type"], "number");
  EXPECT_THAT(form["arguments"][0]["choices"], ElementsAre("5", "10"));
  EXPECT_EQ(form["arguments"][1]["secret"], true);
  EXPECT_EQ(form["arguments"][1]["choices"], nullptr);
  EXPECT_EQ(form["csrf"], nullptr);
  EXPECT_EQ(form["login"]["user"], nullptr);
  EXPECT_THAT(form["version_text"].get<std::string>(), StartsWith("locust-cpp "));
}

TEST_F(RoutesTest, MetricsAreWhatPrometheusReads) {
  const std::string metrics = text(get("/metrics"));
  EXPECT_THAT(metrics, HasSubstr("# TYPE locust_requests_total counter\n"
                                 "locust_requests_total{method=\"GET\",name=\"/a\"} 3\n"));
  EXPECT_THAT(metrics, HasSubstr("locust_response_time_seconds_bucket{method=\"GET\",name=\"/a\","
                                 "le=\"+Inf\"} 3\n"));
  EXPECT_THAT(metrics, HasSubstr("locust_users 7\n"));
  EXPECT_THAT(metrics, HasSubstr("locust_workers{state=\"running\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("locust_state{state=\"running\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("locust_workers_limiting 1\n"));
}

TEST_F(RoutesTest, AMasterIsReadyWhenItsWorkersAre) {
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(text(get("/readyz")), "1 of 2 workers are connected\n");
  run_.view.expected_workers = 1;
  (void)routes().show(run_.frozen());
  EXPECT_EQ(get("/readyz").status, 200);
}

TEST_F(RoutesTest, TheDescriptionHasEveryPathAndMethod) {
  const json description = get_json("/api/v1/openapi.json");
  EXPECT_EQ(description["openapi"], "3.0.3");
  std::set<std::pair<std::string, std::string>> described;
  for (const auto& [path, methods] : description["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) described.emplace(path, method);
  }
  std::set<std::pair<std::string, std::string>> known;
  for (const Operation& operation : Routes::operations()) {
    known.emplace(operation.path, operation.method == Method::kPost ? "post" : "get");
  }
  EXPECT_EQ(described, known);
}

// Where `value` is not as `schema` says; "$" is the value itself.
std::vector<std::string> faults(const json& value, json schema, const json& schemas,
                                const std::string& at = "$") {
  if (schema.contains("$ref")) {
    const std::string name = schema["$ref"];
    schema = schemas.at(name.substr(name.rfind('/') + 1));
  }
  if (value.is_null() && schema.value("nullable", false)) return {};
  std::vector<std::string> all;
  const auto add = [&](const json& part, const json& of_part, const std::string& where) {
    for (std::string& fault : faults(part, of_part, schemas, where))
      all.push_back(std::move(fault));
  };
  if (schema.contains("allOf")) {
    for (const json& part : schema["allOf"]) add(value, part, at);
    return all;
  }
  const std::string type = schema.at("type");
  const bool fits = type == "string"    ? value.is_string()
                    : type == "integer" ? value.is_number_integer()
                    : type == "number"  ? value.is_number()
                    : type == "boolean" ? value.is_boolean()
                    : type == "array"   ? value.is_array()
                                        : value.is_object();
  if (!fits) return {at + " is no " + type};
  const json choices = schema.value("enum", json::array({value}));
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
    return {at + " is none of " + choices.dump()};
  }
  for (const json& key : schema.value("required", json::array())) {
    if (!value.contains(key)) all.push_back(at + "." + key.get<std::string>() + " is missing");
  }
  if (value.is_array()) {
    for (const json& element : value) add(element, schema.at("items"), at + "[]");
  }
  if (!value.is_object()) return all;
  for (const auto& [key, element] : value.items()) {
    const json properties = schema.value("properties", json::object());
    const std::string where = std::string(at).append(".").append(key);
    if (properties.contains(key)) {
      add(element, properties[key], where);
    } else if (schema.contains("additionalProperties")) {
      add(element, schema["additionalProperties"], where);
    } else {
      all.push_back(where + " is not described");
    }
  }
  return all;
}

TEST_F(RoutesTest, OurAnswersAreAsTheirSchemasSay) {
  const json description = get_json("/api/v1/openapi.json");
  const json schemas = description["components"]["schemas"];
  int checked = 0;
  for (const auto& [path, methods] : description["paths"].items()) {
    if (!methods.contains("get")) continue;
    const json content = methods["get"]["responses"]["200"]["content"];
    const json schema = content.front()["schema"];
    if (!schema.contains("$ref")) continue;
    EXPECT_THAT(faults(get_json(path), schema, schemas), IsEmpty()) << path;
    ++checked;
  }
  EXPECT_EQ(checked, 9);
  const std::string stream = text(get("/api/v1/events"));
  EXPECT_THAT(
      faults(json::parse(stream.substr(stream.find("data: ") + 6)), schemas["Tick"], schemas),
      IsEmpty());
}

TEST_F(RoutesTest, AnswersHaveTheirTypes) {
  int checked = 0;
  for (const Operation& operation : Routes::operations()) {
    if (operation.method != Method::kGet) continue;
    const Response response = get(std::string(operation.path));
    if (response.status != 200) continue;
    EXPECT_THAT(response.content_type, StartsWith(std::string(operation.type))) << operation.path;
    ++checked;
  }
  EXPECT_GT(checked, 20);
}

TEST_F(RoutesTest, ABasePathStandsBeforeEverything) {
  options_.base_path = "/locust";
  EXPECT_EQ(get("/locust/stats/requests").status, 200);
  EXPECT_EQ(get("/stats/requests").status, 404);
  const Response bare = get("/locust");
  EXPECT_EQ(bare.status, 308);
  EXPECT_EQ(header(bare, "Location"), "/locust/");
  EXPECT_EQ(header(get("/locust/login"), "Location"), "/locust/");
}

// ---- The page's files ----

// "<p>hello</p>", compressed.
constexpr std::string_view kHello(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xb3\x29\xb0\xcb\x48\xcd\xc9\xc9\xb7\xd1\x2f\xb0\x03"
    "\x00\x44\xfb\xae\xd2\x0c\x00\x00\x00",
    32);

TEST_F(RoutesTest, AFileIsSentAsItsReaderTakesIt) {
  const std::array assets = {Asset{"assets/a-1234.js", kHello}, Asset{"index.html", kHello}};
  options_.assets = assets;
  const Response packed = get("/assets/a-1234.js", {{"accept-encoding", "gzip"}});
  EXPECT_EQ(text(packed), kHello);
  EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
  EXPECT_THAT(header(packed, "Cache-Control"), HasSubstr("immutable"));
  const Response plain = get("/assets/a-1234.js");
  EXPECT_EQ(text(plain), "<p>hello</p>");
  EXPECT_THAT(plain.content_type, StartsWith("text/javascript"));
  EXPECT_EQ(text(get("/")), "<p>hello</p>");
  EXPECT_EQ(header(get("/"), "Cache-Control"), "no-store");
  EXPECT_EQ(get("/index.html").status, 404);
  EXPECT_EQ(ask("POST", "/assets/a-1234.js", "a=1").status, 405);
}

TEST(FilledReport, CannotBeLeftByWhatIsInIt) {
  const std::string page =
      "<script type=\"application/json\" id=\"report-data\">\"__LOCUST_REPORT__\"</script>";
  const std::string filled = filled_report(page, R"({"name":"</script><b>"})");
  EXPECT_THAT(filled, HasSubstr(R"({"name":"\u003c/script>\u003cb>"})"));
  EXPECT_THAT(filled, Not(HasSubstr("__LOCUST_REPORT__")));
}

// ---- Login ----

class LoginTest : public RoutesTest {
 protected:
  LoginTest() : RoutesTest({}, &users_) {}

  // The cookie of a session.
  std::string log_in(const std::string& password = "secret") {
    const Response form = get("/login");
    const std::string cookie = header(form, "Set-Cookie");
    const std::string token = cookie.substr(cookie.find('=') + 1, 64);
    last_ = ask("POST", "/login", "username=ann&password=" + password + "&csrf=" + token,
                {{"cookie", "locust_login_8089=" + token}});
    const std::string session = header(last_, "Set-Cookie");
    return session.substr(0, session.find(';'));
  }

  fakes::ManualClock clock_;
  Access users_{clock_, {{"ann", hash_password("secret")}}, 8089};
  Response last_;
};

TEST_F(LoginTest, StrangersGetNothingButTheLoginAndTheProbes) {
  EXPECT_EQ(get("/stats/requests").status, 401);
  EXPECT_EQ(get("/metrics").status, 401);
  EXPECT_EQ(get("/api/v1/events").status, 401);
  const Response person = get("/", {{"accept", "text/html,*/*"}});
  EXPECT_EQ(person.status, 302);
  EXPECT_EQ(header(person, "Location"), "/login");
  EXPECT_EQ(ask("POST", "/swarm", "user_count=5&spawn_rate=1").status, 401);
  EXPECT_THAT(control_.forms, IsEmpty());
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/readyz").status, 503);
}

TEST_F(LoginTest, WhoLogsInReadsAndChangesWithTheToken) {
  const std::string cookie = log_in();
  EXPECT_EQ(last_.status, 302);
  EXPECT_THAT(header(last_, "Set-Cookie"), HasSubstr("; HttpOnly; SameSite=Strict"));
  const Response form = get("/api/v1/form", {{"cookie", cookie}});
  ASSERT_EQ(form.status, 200);
  const std::string csrf = json::parse(text(form))["csrf"];
  EXPECT_EQ(json::parse(text(form))["login"]["user"], "ann");

  EXPECT_EQ(get("/stop", {{"cookie", cookie}, {"x-csrf-token", csrf}}).status, 405);
  EXPECT_EQ(ask("POST", "/stop", "a=1", {{"cookie", cookie}}).status, 403);
  EXPECT_EQ(ask("POST", "/stop", "a=1", {{"cookie", cookie}, {"x-csrf-token", "x"}}).status, 403);
  EXPECT_EQ(control_.stops, 0);
  EXPECT_EQ(ask("POST", "/stop", "a=1", {{"cookie", cookie}, {"x-csrf-token", csrf}}).status, 200);
  EXPECT_EQ(control_.stops, 1);
  const Response stream = get("/api/v1/events", {{"cookie", cookie}});
  EXPECT_TRUE(routes().may_read(stream.stream_owner));
  const Response logout = ask("POST", "/logout", "csrf=" + csrf, {{"cookie", cookie}});
  EXPECT_EQ(logout.status, 302);
  EXPECT_FALSE(routes().may_read(stream.stream_owner));
  EXPECT_EQ(get("/api/v1/form", {{"cookie", cookie}}).status, 401);
}

TEST_F(LoginTest, ALoginDoesNotOpenTheDoorToOtherSites) {
  const std::string cookie = log_in();
  EXPECT_EQ(get("/api/v1/form", {{"host", "10.0.0.1"}, {"cookie", cookie}}).status, 200);
  EXPECT_EQ(get("/api/v1/form", {{"host", "evil.example"}, {"cookie", cookie}}).status, 403);
  EXPECT_EQ(get("/login", {{"host", "evil.example"}}).status, 403);
  EXPECT_EQ(get("/api/v1/form",
                {{"host", "10.0.0.1"}, {"origin", "http://evil.example"}, {"cookie", cookie}})
                .status,
            403);
}

TEST_F(LoginTest, CookiesOfATlsServerAreForTlsOnly) {
  Request request{.method = "GET", .path = "/login"};
  request.secure = true;
  routes().handle(request, [](const Response& response) {
    EXPECT_THAT(header(response, "Set-Cookie"), testing::EndsWith("; SameSite=Strict; Secure"));
  });
}

TEST_F(LoginTest, WrongPasswordsAndForgedFormsAreRefused) {
  (void)log_in("wrong");
  EXPECT_EQ(last_.status, 401);
  EXPECT_EQ(ask("POST", "/login", "username=ann&password=secret&csrf=guess").status, 403);
  for (int i = 0; i < Access::kMaxFailures; ++i) (void)log_in("wrong");
  EXPECT_EQ(last_.status, 429);
}

}  // namespace
}  // namespace locust::master::web
