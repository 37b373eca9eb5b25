// The scenarios that users read first are scenarios.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "common/scenario_parse.h"
#include "worker/scenario/program.h"

namespace locust::worker {
namespace {

using ::testing::IsEmpty;

std::string read_file(const std::string& path) {
  std::ifstream stream(std::string(LOCUST_TEST_DATA "/../../") + path);
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
const std::string kExamples = LOCUST_TEST_DATA "/../../examples/";

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

}  // namespace
}  // namespace locust::worker
