#include "master/web/user_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace locust::master::web {
namespace {

using proto::Value;

TEST(UserSettings, AreAttributesOfAClassInTheirOrder) {
  const auto update = parse_user_settings(
      R"({"weight": 9, "user_class_name": "Shop", "a": [1, -2, 1.5, "t", true, null, {"b": {}}]})");
  ASSERT_TRUE(update) << update.error();
  EXPECT_EQ(update->user_class_name, "Shop");
  const Value list = Value::Array{1, -2, 1.5, "t", true, {}, Value::Map{{"b", Value::Map()}}};
  EXPECT_EQ(update->attributes, (Value::Map{{"weight", 9}, {"a", list}}));
}

TEST(UserSettings, SayWhatIsWrong) {
  for (const char* text : {"", "{", "[]", "1", "{} {}", R"({"a": 1e999})"}) {
    EXPECT_EQ(parse_user_settings(text).error(), "not a JSON object") << text;
  }
  EXPECT_EQ(parse_user_settings("{}").error(), "user_class_name is missing");
  EXPECT_EQ(parse_user_settings(R"({"user_class_name": 1})").error(),
            "user_class_name: not a text");
  for (const char* weight : {"-1", "\"1\"", "null", "true", "1e10"}) {
    EXPECT_EQ(
        parse_user_settings(std::string(R"({"user_class_name": "A", "weight": )") + weight + "}")
            .error(),
        "weight: not a number of 0 or more")
        << weight;
  }
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {R"("fixed_count": 1.5)", "fixed_count: not a whole number of 0 or more"},
      {R"("host": null)", "host: not a text"},
      {R"("tasks": "t")", "tasks: not a list of names of tasks"},
      {R"("tasks": ["t", 1])", "tasks: not a list of names of tasks"}};
  for (const auto& [attribute, error] : wrong) {
    EXPECT_EQ(parse_user_settings(R"({"user_class_name": "A", )" + attribute + "}").error(), error);
  }
  EXPECT_EQ(parse_user_settings(std::string(kMaxSettingsBytes, '[')).error(), "nested too deeply");
}

// With objects that keep the order of their keys this takes minutes.
TEST(UserSettings, OfManyKeysTakeNoLongerThanTheirLength) {
  std::string text = R"({"user_class_name": "A")";
  for (int i = 0; i < 200'000; ++i) text += ",\"" + std::to_string(i) + "\":0";
  const auto update = parse_user_settings(text + "}");
  ASSERT_TRUE(update) << update.error();
  EXPECT_EQ(update->attributes.size(), 200'000);
}

}  // namespace
}  // namespace locust::master::web
