#include "master/cluster/user_classes.h"

#include <gtest/gtest.h>

#include <string>

namespace locust::master {
namespace {

TEST(UserClassCatalog, EqualWeightsAreThoseOfAllClassesThatTakePart) {
  Scenario scenario;
  for (const double weight : {3.0, 0.0, 0.5}) {
    UserClassSpec& spec = scenario.users.emplace_back();
    spec.name = "User" + std::to_string(scenario.users.size());
    spec.weight = weight;
  }
  UserClassCatalog catalog(&scenario, {{"User3", 7.0, 2}}, {});
  catalog.assign_equal_weights();
  const auto classes = catalog.classes();
  ASSERT_EQ(classes.size(), 2U);
  EXPECT_EQ(classes[0].weight, 1);
  EXPECT_EQ(classes[1].weight, 1);
  EXPECT_EQ(classes[1].fixed_count, 2);
  UserClassCatalog learning(nullptr, {}, {});
  learning.assign_equal_weights();
  learning.learn("Shop", std::nullopt, std::nullopt);
  EXPECT_TRUE(learning.assumed_weights().empty());
}

TEST(UserClassCatalog, ADescriptionReplacesWeightsAndLeavesOutTheClassesThatItDoesNotName) {
  Scenario scenario;
  for (const char* name : {"Shop", "Admin"}) scenario.users.emplace_back().name = name;
  UserClassCatalog catalog(&scenario, {}, {});
  EXPECT_FALSE(catalog.describe({{"Shop", 1, 0}, {"Admin", 1, 0}})) << "nothing is new";
  EXPECT_TRUE(catalog.describe({{"Shop", 1, 2}, {"Added", 3, 0}}));
  const auto classes = catalog.classes();
  ASSERT_EQ(classes.size(), 2U);
  EXPECT_EQ(classes[0].name, "Shop");
  EXPECT_EQ(classes[0].fixed_count, 2);
  EXPECT_EQ(classes[1].name, "Added");
  EXPECT_EQ(classes[1].weight, 3);
  EXPECT_TRUE(catalog.describe({{"Admin", 1, 0}}));
  ASSERT_EQ(catalog.classes().size(), 1U);
  EXPECT_EQ(catalog.classes()[0].name, "Admin");
}

TEST(UserClassCatalog, LearnsAtMostSoManyClassesOfWorkers) {
  UserClassCatalog catalog(nullptr, {}, {});
  for (std::size_t i = 0; i < 2 * UserClassCatalog::kMaxClasses; ++i) {
    catalog.learn("User" + std::to_string(i), std::nullopt, std::nullopt);
    catalog.learn("User" + std::to_string(i), 2.0, std::nullopt);
  }
  EXPECT_EQ(catalog.classes().size(), UserClassCatalog::kMaxClasses);
  EXPECT_EQ(catalog.classes().front().name, "User0");
  EXPECT_EQ(catalog.classes().front().weight, 2.0);
}

}  // namespace
}  // namespace locust::master
