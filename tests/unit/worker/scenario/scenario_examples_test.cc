// The scenarios that users read first are scenarios.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "common/scenario/scenario_parse.h"
#include "tests/fakes/test_data.h"
#include "tests/unit/worker/scenario/scenario_run_fixture.h"
#include "worker/scenario/scenario_program.h"

namespace locust::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string read_file(const std::string& path) {
  std::ifstream stream(in_repository(path));
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

void expect_scenario(const std::string& name, const std::string& text) {
  ParsedScenario parsed = parse_scenario({{name, text}});
  ASSERT_THAT(parsed.errors, IsEmpty());
  EXPECT_FALSE(parsed.scenario.users.empty());
  const auto no_environment = [](const std::string&) { return std::nullopt; };
  EXPECT_THAT(compile_scenario(std::move(parsed.scenario), no_environment).errors, IsEmpty());
}

// Files that a scenario names are found beside it.
const std::string kExamples = in_repository("examples/");

TEST(ScenarioExamples, EachExampleIsOne) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kExamples)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string name = entry.path().filename().string();
    SCOPED_TRACE(name);
    expect_scenario(kExamples + name, read_file("examples/" + name));
    ++files;
  }
  EXPECT_GE(files, 3);
}

TEST(ScenarioExamples, ThePageIsOne) {
  expect_scenario("page.yaml", read_file("examples/page.yaml"));
}

TEST(ScenarioExamples, EachYamlBlockOfTheDocumentationIsOne) {
  const std::string page = read_file("docs/scenario.md");
  const std::string fence = "```yaml\n";
  int blocks = 0;
  for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    expect_scenario(kExamples + "scenario.md", page.substr(at, page.find("```", at) - at));
    ++blocks;
  }
  EXPECT_GE(blocks, 1);
}

// Runs the first task of an example's first class against scripted answers.
class ScenarioExample : public ScenarioRun {
 protected:
  void load_example(const std::string& name) {
    ParsedScenario parsed = parse_scenario({{name, read_file("examples/" + name)}});
    ASSERT_THAT(parsed.errors, IsEmpty());
    CompiledScenario compiled = compile_scenario(std::move(parsed.scenario), test_environment);
    ASSERT_THAT(compiled.errors, IsEmpty());
    program_ = std::move(compiled.program);
    user_class_ = program_->user_classes().at(0);
    user_ = user_class_.create({.context = context_,
                                .engine = engine_,
                                .stats = stats_,
                                .rng = rng_,
                                .events = events_,
                                .class_name = user_class_.name,
                                .host = user_class_.host,
                                .user_id = 7});
  }
  std::vector<std::string> paths() {
    std::vector<std::string> lines;
    for (const HttpRequest& r : context_.requests) {
      lines.push_back(r.url.substr(std::string("http://127.0.0.1:8080").size()));
    }
    return lines;
  }
};

// Each count is binomial; five standard deviations are exceeded once in a million seeds.
TEST_F(ScenarioExample, TheShopsTasksAreDrawnAsTheirWeightsSay) {
  load_example("shop.yaml");
  constexpr int kDraws = 100'000;
  std::map<std::string, int> drawn;
  for (int i = 0; i < kDraws; ++i) ++drawn[user_->tasks().pick(rng_).name];
  const std::map<std::string, double> weights = {
      {"browse_products", 10}, {"view_product", 3}, {"add_to_cart", 1}};
  ASSERT_EQ(drawn.size(), weights.size());
  for (const auto& [name, weight] : weights) {
    const double share = weight / 14;
    EXPECT_NEAR(drawn[name], kDraws * share, 5 * std::sqrt(kDraws * share * (1 - share))) << name;
  }
}

TEST_F(ScenarioExample, RefreshesAnExpiredToken) {
  load_example("oauth_refresh.yaml");
  answer(401);
  answer(200, R"({"access_token": "new"})");
  answer(200, R"({"orders": [{"id": 4}]})");
  EXPECT_EQ(run_task(), "");
  EXPECT_THAT(paths(), ElementsAre("/api/orders", "/oauth/token", "/api/orders", "/api/orders/4"));
  EXPECT_EQ(header(request(2), "Authorization"), "Bearer new");
  EXPECT_THAT(failures(), IsEmpty());
}

TEST_F(ScenarioExample, GivesUpWhenANewTokenIsRefusedToo) {
  load_example("oauth_refresh.yaml");
  for (int attempt = 0; attempt < 2; ++attempt) {
    answer(401);
    answer(200, R"({"access_token": "new"})");
  }
  EXPECT_EQ(run_task(), "the new token is not accepted");
}

TEST_F(ScenarioExample, CrawlsPageByPage) {
  load_example("crawl.yaml");
  answer(200, R"({"items": [{"id": 1}, {"id": 2}], "next": "/api/items?page=2"})");
  answer(200);
  answer(200);
  answer(200, R"({"items": []})");
  EXPECT_EQ(run_task(), "");
  EXPECT_THAT(paths(),
              ElementsAre("/api/items", "/api/items/1", "/api/items/2", "/api/items?page=2"));
  EXPECT_THAT(failures(), IsEmpty());
}

TEST_F(ScenarioExample, WaitsForAJobInOneTransaction) {
  load_example("upload_job.yaml");
  answer(202, R"({"id": 9})");
  answer(200, R"({"state": "running"})");
  answer(200, R"({"state": "done"})");
  answer(200);
  EXPECT_EQ(run_task(), "");
  EXPECT_THAT(paths(),
              ElementsAre("/api/jobs", "/api/jobs/9", "/api/jobs/9", "/api/jobs/9/result"));
  EXPECT_EQ(stats_.find("import", "TX")->total_response_time, 2000);
  EXPECT_THAT(failures(), IsEmpty());
}

TEST_F(ScenarioExample, FailsTheTransactionOfAJobThatTakesTooLong) {
  load_example("upload_job.yaml");
  answer(202, R"({"id": 9})");
  context_.respond = [](const HttpRequest&) {
    return fakes::FakeUserContext::response(200, R"({"state": "running"})");
  };
  EXPECT_EQ(run_task(), "the job was not done in time");
  EXPECT_EQ(context_.requests.size(), 61U);
  EXPECT_THAT(failures(), ElementsAre("TX import: an exception ended it"));
}

TEST_F(ScenarioExample, HonoursRetryAfter) {
  load_example("retry_after.yaml");
  HttpResponse busy = fakes::FakeUserContext::response(429);
  busy.headers = "Retry-After: 7\r\n";
  context_.responses.push_back(busy);
  answer(503);
  answer(200);
  answer(200);
  EXPECT_EQ(run_task(), "");
  EXPECT_THAT(context_.sleeps, ElementsAre(seconds(7), seconds(1)));
  EXPECT_EQ(context_.requests.size(), 4U);
  EXPECT_THAT(failures(), IsEmpty());
}

TEST_F(ScenarioExample, SendsBackTheTokenOfTheForm) {
  load_example("csrf.yaml");
  answer(200, R"(<input type="hidden" name="csrf_token" value="abc">)");
  answer(200, "Thank you");
  EXPECT_EQ(run_task(), "");
  EXPECT_EQ(request(1).body.substr(0, 20), "csrf_token=abc&text=");
  EXPECT_THAT(failures(), IsEmpty());
}

TEST_F(ScenarioExample, SendsNoFormWithoutAToken) {
  load_example("csrf.yaml");
  answer(200, "<p>Closed</p>");
  EXPECT_EQ(run_task(), "");
  EXPECT_EQ(context_.requests.size(), 1U);
}

TEST_F(ScenarioExample, VisitsACatalogueAndChecksOutInSequence) {
  load_example("task_sets.yaml");
  context_.respond = [](const HttpRequest& request) {
    const std::string path = request.url.substr(request.url.find("/", 7));
    std::string body = "{}";
    if (path == "/api/products") body = R"({"products": [{"id": 1}]})";
    if (path.starts_with("/api/products/")) body = R"({"id": )" + path.substr(14) + "}";
    if (path == "/api/auth/login") body = R"({"token": "abc"})";
    if (path == "/api/orders") body = R"({"orders": [{"id": 5}]})";
    if (path == "/api/orders/5") body = R"({"id": 5})";
    return fakes::FakeUserContext::response(200, body);
  };
  context_.kill_at(context_.clock().now() + std::chrono::hours(1));
  user_->run();
  EXPECT_THAT(failures(), IsEmpty());
  std::string visited;
  for (const std::string& path : paths()) visited += path + " ";
  EXPECT_THAT(visited, HasSubstr("/api/auth/login /api/cart /api/cart /api/orders /api/orders/5 "
                                 "/api/auth/logout /api/products/"));
  EXPECT_THAT(visited, HasSubstr(" / "));
}

}  // namespace
}  // namespace locust::worker
