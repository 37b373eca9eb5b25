#include "common/options/config_file.h"

#include <gtest/gtest.h>

namespace locust {
namespace {

// "key=value" for each setting, "key=[a|b]" for a list.
std::vector<std::string> shown(const std::string& text, const std::string& name = "locust.conf") {
  const auto settings = parse_config(text, name);
  if (!settings) return {settings.error()};
  std::vector<std::string> lines;
  for (const ConfigSetting& setting : *settings) {
    std::string values;
    for (const std::string& value : setting.values) values += (values.empty() ? "" : "|") + value;
    lines.push_back(setting.key + '=' + (setting.is_list ? '[' + values + ']' : values));
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(ConfigFile, EachWayToWriteAValueIsRead) {
  EXPECT_EQ(shown("users = 5\nhost: http://a\nspawn-rate 2\n--run-time 1h\n"),
            (Lines{"users=5", "host=http://a", "spawn-rate=2", "run-time=1h"}));
}

TEST(ConfigFile, AKeyAloneIsTrueAndOneWithoutValueIsEmpty) {
  EXPECT_EQ(shown("headless\n--only-summary  ; why\nhost =\n"),
            (Lines{"headless=true", "only-summary=true", "host="}));
}

TEST(ConfigFile, CommentsSectionsAndRulersAreSkipped) {
  EXPECT_EQ(shown("# a\n; b\n[section]\n---\n\n  users = 1  # few\nhost = http://a/#top\n"),
            (Lines{"users=1", "host=http://a/#top"}));
}

TEST(ConfigFile, QuotesAroundAValueAreNoPartOfIt) {
  EXPECT_EQ(shown("host = \"a # b\"  # c\nlogfile = 'x y'\ncsv = it's\n"),
            (Lines{"host=a # b", "logfile=x y", "csv=it's"}));
}

TEST(ConfigFile, ListsAreJsonOrBareTexts) {
  EXPECT_EQ(shown("tags = [a, b c]\nexclude-tags = [\"d\", \"e,f\"]\n"),
            (Lines{"tags=[a|b c]", "exclude-tags=[d|e,f]"}));
}

TEST(ConfigFile, ALineThatIsNoSettingIsNamed) {
  EXPECT_EQ(shown("users = 1\n= 5\n"),
            Lines{"locust.conf:2: not an option; write it as 'users = 5'"});
}

TEST(ConfigFile, OfATomlFileTheTableOfLocustIsRead) {
  EXPECT_EQ(shown("[tool.other]\nx = 1\n[tool.locust]\nheadless = true\nspawn-rate = 2.5\n"
                  "tags = [\"a\", \"b\"]\nusers = 7\nhost = \"http://a\"\n",
                  "pyproject.toml"),
            (Lines{"headless=true", "host=http://a", "spawn-rate=2.5", "tags=[a|b]", "users=7"}));
  EXPECT_EQ(shown("[project]\nname = 'x'\n", "pyproject.toml"), Lines{});
}

TEST(ConfigFile, ErrorsOfATomlFileNameTheLine) {
  EXPECT_TRUE(shown("[tool.locust]\nusers = \n", "a.toml").front().starts_with("a.toml:2: "));
  EXPECT_EQ(shown("[tool.locust]\n\nusers = {a = 1}\n", "a.toml"),
            Lines{"a.toml:3: 'users' must be a text, a number, true, false or a list of them"});
}

}  // namespace
}  // namespace locust
