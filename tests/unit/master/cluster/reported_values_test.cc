// What is made of single values that workers report: versions, counts, classes, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "master/cluster/class_descriptions.h"
#include "master/cluster/reported_counts.h"
#include "master/cluster/user_classes.h"
#include "master/cluster/wanted_exit.h"
#include "master/cluster/worker_versions.h"

namespace locust::master {
namespace {

using testing::ElementsAre;

TEST(WorkerVersions, OnlyReleasesWhoseMessagesAreNotKnownAreUnknown) {
  for (const proto::Value& version :
       {proto::Value(), proto::Value(""), proto::Value(0), proto::Value(false)}) {
    EXPECT_EQ(judge_version(version), VersionVerdict::kTooOld);
  }
  EXPECT_EQ(judge_version(-1), VersionVerdict::kSame);
  EXPECT_EQ(judge_version(std::string(kLocustVersion)), VersionVerdict::kSame);
  for (const char* version : {"2.12.0", "2.32.10", "2.47.9"}) {
    EXPECT_EQ(judge_version(version), VersionVerdict::kKnown) << version;
  }
  for (const char* version : {"2.11.1", "2.48.0", "3.0", "new"}) {
    EXPECT_EQ(judge_version(version), VersionVerdict::kUnknown) << version;
  }
  EXPECT_EQ(judge_version(5), VersionVerdict::kUnknown);
}

TEST(UserCounts, OfAReportAreBounded) {
  const UserCounts reported = {
      {"b", -5}, {std::string(kMaxClassNameBytes + 1, 'x'), 1}, {"a", kMaxUsersOfClass + 1}};
  EXPECT_EQ(bounded_counts(reported), (UserCounts{{"b", 0}, {"a", kMaxUsersOfClass}}));
  EXPECT_THAT(class_names(reported), ElementsAre("a", "b"));
  UserCounts many;
  for (std::size_t i = 0; i < 2 * kMaxClassesPerWorker; ++i)
    many.emplace_back(std::to_string(i), 1);
  EXPECT_EQ(bounded_counts(many).size(), kMaxClassesPerWorker);
  EXPECT_EQ(class_names(many).size(), kMaxClassesPerWorker);
}

TEST(UserCounts, HaveTheSameNamesInTheSameOrderOrNot) {
  EXPECT_TRUE(same_names({{"a", 1}, {"b", 2}}, {{"a", 5}, {"b", 0}}));
  EXPECT_FALSE(same_names({{"a", 1}, {"b", 2}}, {{"b", 1}, {"a", 2}}));
  EXPECT_FALSE(same_names({{"a", 1}}, {}));
}

proto::ClassInfo described(std::string name, std::optional<std::string> host) {
  proto::ClassInfo info;
  info.name = std::move(name);
  info.host = std::move(host);
  return info;
}

TEST(ClassDescriptions, WhatAWorkerReportsReplacesWhatTheFileSays) {
  ClassDescriptions classes({described("Shop", "http://file")});
  EXPECT_EQ(classes.described().at("Shop").host, "http://file");
  classes.describe(described("Shop", "http://worker"));
  EXPECT_EQ(classes.described().at("Shop").host, "http://worker");
}

TEST(ClassDescriptions, AreBoundedInNumberAndBytes) {
  ClassDescriptions classes{std::vector<proto::ClassInfo>()};
  for (std::size_t i = 0; i < 2 * UserClassCatalog::kMaxClasses; ++i) {
    classes.describe(described(std::to_string(i), std::nullopt));
  }
  EXPECT_EQ(classes.described().size(), UserClassCatalog::kMaxClasses);
  const std::string large(ClassDescriptions::kMaxBytes, 'x');
  classes.describe(described("0", large));
  EXPECT_FALSE(classes.described().at("0").host) << "what does not fit is left out";
}

TEST(ClassDescriptions, TasksAreChosenByName) {
  ClassDescriptions classes{std::vector<proto::ClassInfo>()};
  classes.choose_tasks("Shop", proto::Value::Array{"browse", 5, "buy"});
  EXPECT_THAT(classes.chosen_tasks().at("Shop"), ElementsAre("browse", "buy"));
  classes.choose_tasks("Shop", proto::Value());
  EXPECT_TRUE(classes.chosen_tasks().at("Shop").empty());
}

TEST(WantedExit, TheFirstCodeWins) {
  WantedExit exit(WantedExit::Workers::kCount);
  EXPECT_TRUE(exit.take({.exit_code = 300}));
  EXPECT_FALSE(exit.take({.exit_code = 3}));
  exit.want(4);
  EXPECT_EQ(exit.code(), 255);
}

TEST(WantedExit, WhatNobodyCaughtOnAWorkerCountsIfNothingElseFailed) {
  for (const auto workers : {WantedExit::Workers::kCount, WantedExit::Workers::kDoNotCount}) {
    WantedExit exit(workers);
    EXPECT_FALSE(exit.take({.uncaught = true}));
    EXPECT_FALSE(exit.code());
    exit.end_without_failures();
    EXPECT_EQ(exit.code(),
              workers == WantedExit::Workers::kCount ? std::optional(2) : std::nullopt);
  }
}

}  // namespace
}  // namespace locust::master
