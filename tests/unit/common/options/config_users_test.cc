// --config-users.
#include "common/options/config_users.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace locust {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string config_error(const std::string& argument) {
  const auto configs = parse_config_users({argument});
  return configs ? "none" : configs.error();
}

TEST(ConfigUsers, AreObjectsListsAndFiles) {
  const std::string file =
      testing::TempDir() + "config_users_test." + std::to_string(::getpid()) + ".json";
  std::ofstream(file) << R"({"user_class_name": "C", "host": "http://c", "tasks": ["a", "b"]})";
  const auto configs = parse_config_users(
      {R"({"user_class_name": "A", "weight": 2.5})",
       R"([{"user_class_name": "B", "fixed_count": 3}, {"user_class_name": "A"}])", file});
  std::filesystem::remove(file);
  ASSERT_TRUE(configs) << configs.error();
  ASSERT_EQ(configs->size(), 4U);
  EXPECT_EQ((*configs)[0].weight, 2.5);
  EXPECT_EQ((*configs)[1].fixed_count, 3);
  EXPECT_FALSE((*configs)[2].weight);
  EXPECT_EQ((*configs)[3].host, "http://c");
  EXPECT_THAT((*configs)[3].tasks.value(), ElementsAre("a", "b"));
  EXPECT_TRUE(parse_config_users({})->empty());
}

TEST(ConfigUsers, WrongOnesNameTheOptionAndWhatIsWrong) {
  EXPECT_THAT(config_error("{"), HasSubstr("--config-users: '{' is neither JSON nor a file"));
  EXPECT_THAT(config_error("missing.json"),
              HasSubstr("--config-users: missing.json: cannot be read"));
  EXPECT_THAT(config_error("5"), HasSubstr("expected an object"));
  EXPECT_THAT(config_error("{}"), HasSubstr("\"user_class_name\" is missing"));
  const auto attribute = [](const std::string& text) {
    return config_error(R"({"user_class_name": "A", )" + text + "}");
  };
  EXPECT_THAT(attribute(R"("weight": -1)"), HasSubstr("\"weight\" must be a number, 0 or more"));
  EXPECT_THAT(attribute(R"("fixed_count": 1.5)"), HasSubstr("must be a whole number"));
  EXPECT_THAT(attribute(R"("fixed_count": 99999999999)"), HasSubstr("must be a whole number"));
  EXPECT_THAT(attribute(R"("host": 1)"), HasSubstr("\"host\" must be a text"));
  EXPECT_THAT(attribute(R"("tasks": "a")"), HasSubstr("\"tasks\" must be a list of names"));
}

TEST(ConfigUsers, FurtherAttributesAreForPythonOnly) {
  const auto configs = parse_config_users(
      {R"({"user_class_name": "A", "weight": 1, "wait": {"a": [1, null]}, "b": "c"})"});
  ASSERT_TRUE(configs) << configs.error();
  EXPECT_THAT(configs->front().others,
              ElementsAre(Pair("b", "\"c\""), Pair("wait", R"({"a":[1,null]})")));
  EXPECT_EQ(attribute_problem(*configs),
            "--config-users: 'A': b cannot be set; there are fixed_count, host, tasks and weight");
  const auto misspelt = parse_config_users({R"({"user_class_name": "A", "wieght": 1})"});
  EXPECT_EQ(
      attribute_problem(*misspelt),
      "--config-users: 'A': wieght cannot be set; there are fixed_count, host, tasks and weight; "
      "did you mean 'weight'?");
  EXPECT_EQ(attribute_problem(*parse_config_users({R"({"user_class_name": "A", "weight": 1})"})),
            std::nullopt);
}

}  // namespace
}  // namespace locust
