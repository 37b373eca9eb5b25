// What -f may name.
#include "common/options/locustfile_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/base/fetch_url.h"
#include "common/scenario/scenario_parse.h"

namespace locust {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(LocustfilePaths, EntriesStandBetweenCommas) {
  EXPECT_THAT(split_locustfile(" a.yaml, b c.yaml,,"), ElementsAre("a.yaml", "b c.yaml"));
  EXPECT_THAT(split_locustfile(""), ElementsAre());
}

TEST(LocustfilePaths, AUrlHasTheNameOfItsLastPart) {
  EXPECT_TRUE(is_url("https://host/a.yaml"));
  EXPECT_FALSE(is_url("file:///etc/passwd"));
  EXPECT_FALSE(is_url("http/a.yaml"));
  EXPECT_EQ(file_name_of_url("https://host/tests/shop.yaml?v=1#x"), "shop.yaml");
  EXPECT_EQ(file_name_of_url("https://host"), "");
  EXPECT_EQ(file_name_of_url("https://host/tests/"), "");
}

TEST(LocustfilePaths, AFolderStandsForTheFilesInItAndBelowByName) {
  namespace fs = std::filesystem;
  const std::string folder =
      testing::TempDir() + "locustfile_paths_test." + std::to_string(::getpid());
  fs::create_directories(folder + "/b/deep");
  for (const char* name : {"/c.yaml", "/a.yml", "/b/deep/x.yaml", "/_no.yaml", "/no.txt"}) {
    std::ofstream(folder + name) << "x";
  }
  fs::create_directories(folder + "/folder.yaml");
  EXPECT_THAT(files_below(folder, {".yaml", ".yml"}).value(),
              ElementsAre(folder + "/a.yml", folder + "/b/deep/x.yaml", folder + "/c.yaml"));
  fs::remove_all(folder);
  EXPECT_THAT(files_below(folder, {".yaml"}).error(), HasSubstr(folder + ": cannot be read"));
}

TEST(LocustfilePaths, WithDifferentNamesEachFileComesOnce) {
  const std::vector<NamedFile> files = with_different_names(
      {"a/t.py", "b/t.py", "./a/../a/t.py", "b/t_2.py", "http://host/t.py?v=1", "u.py"});
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const NamedFile& file : files) pairs.emplace_back(file.name, file.path);
  using Pair = std::pair<std::string, std::string>;
  EXPECT_THAT(pairs, ElementsAre(Pair("t.py", "a/t.py"), Pair("t_2.py", "b/t.py"),
                                 Pair("t_2_2.py", "b/t_2.py"),
                                 Pair("t_3.py", "http://host/t.py?v=1"), Pair("u.py", "u.py")));
}

TEST(LocustfilePaths, AScenarioThatIsNamedTwiceIsReadOnce) {
  const std::string file =
      testing::TempDir() + "locustfile_paths_twice." + std::to_string(::getpid()) + ".yaml";
  std::ofstream(file) << "users: {A: {tasks: {t: [get: /]}}}\n";
  const ParsedScenario parsed = parse_scenario_files({file + "," + file});
  EXPECT_THAT(parsed.errors, ElementsAre());
  EXPECT_EQ(parsed.sources.size(), 1);
  std::filesystem::remove(file);
}

TEST(LocustfilePaths, WhatCannotBeDownloadedIsNamed) {
  EXPECT_THAT(fetch_url("http://127.0.0.1:1/shop.yaml", 100).error(),
              HasSubstr("Failed to get locustfile from: http://127.0.0.1:1/shop.yaml: "));
  EXPECT_FALSE(fetch_url("file:///etc/hostname", 100));
}

TEST(LocustfilePaths, PythonIsNoScenario) {
  EXPECT_THAT(parse_scenario_files({"shop.py"}).errors,
              ElementsAre("shop.py: is Python, not a YAML scenario; a test is one or the other"));
}

}  // namespace
}  // namespace locust
