// The broken scenarios of tests/data/broken_scenarios.json, which the JSON Schema is held to as well
// (tests/conformance/test_scenario_schema.py). A case is a whole file, or one step of a task.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/scenario/scenario_parse.h"
#include "tests/fakes/test_data.h"

namespace locust {
namespace {

// Without the place of a case that is a step.
std::vector<std::string> errors_of(const nlohmann::json& broken) {
  const bool is_step = broken.contains("step");
  const std::string text = is_step ? "users:\n  U:\n    tasks:\n      t:\n        - " +
                                         broken["step"].get<std::string>() + "\n"
                                   : broken["text"].get<std::string>();
  std::vector<std::string> errors = parse_scenario({{"f.yaml", text}}).errors;
  const std::string file = is_step ? "f.yaml:5:" : "f.yaml:";
  for (std::string& error : errors) {
    EXPECT_TRUE(error.starts_with(file)) << error;
    error.erase(0, is_step ? error.find(": ") + 2 : file.size());
  }
  return errors;
}

TEST(BrokenScenarios, AreEachNamedWithPlaceAndRemedy) {
  const nlohmann::json cases = nlohmann::json::parse(load_test_data("broken_scenarios.json"));
  for (const nlohmann::json& broken : cases) {
    EXPECT_THAT(errors_of(broken),
                testing::ElementsAreArray(broken["errors"].get<std::vector<std::string>>()))
        << broken;
  }
}

}  // namespace
}  // namespace locust
