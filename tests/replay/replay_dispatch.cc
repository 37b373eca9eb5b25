#include "tests/replay/replay_dispatch.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "master/cluster/dispatcher.h"

namespace locust {
namespace {

using Json = nlohmann::json;
using Names = std::vector<std::string>;
using master::UsersDispatcher;

// The pause is rounded to 9 places in the vectors and cut to nanoseconds in the dispatcher.
constexpr double kPauseTolerance_s = 2e-9;

// Ends its case; the message is the difference.
struct Difference {
  std::string message;
};

void check_keys(const Json& object, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : object.get_ref<const Json::object_t&>()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      throw Difference{"unknown key " + key};
    }
  }
}

void expect_equal(std::string_view what, double expected, double actual, double tolerance = 0) {
  if (std::abs(expected - actual) <= tolerance) return;
  throw Difference{std::string(what) + " should be " + Json(expected).dump() + ", is " +
                   Json(actual).dump()};
}

UsersDispatcher dispatcher_of(const Json& vector) {
  check_keys(vector, {"case", "workers", "user_classes", "cycles"});
  std::vector<master::DispatchWorker> workers;
  for (const Json& id : vector.at("workers")) workers.push_back({id.get<std::string>()});
  std::vector<master::DispatchClass> classes;
  for (const Json& user_class : vector.at("user_classes")) {
    check_keys(user_class, {"name", "weight", "fixed_count"});
    classes.push_back({user_class.at("name").get<std::string>(),
                       user_class.at("weight").get<double>(),
                       user_class.at("fixed_count").get<int>()});
  }
  return {std::move(workers), std::move(classes)};
}

void compare_users(const UsersDispatcher& dispatcher, const Json& users) {
  expect_equal("the number of workers", static_cast<double>(users.size()),
               static_cast<double>(dispatcher.worker_count()));
  const Names& names = dispatcher.class_names();
  for (std::size_t row = 0; row < dispatcher.worker_count(); ++row) {
    const std::string& id = dispatcher.worker_id(row);
    if (!users.contains(id)) throw Difference{"there should be no worker " + id};
    const Json& expected = users.at(id);
    expect_equal("the number of classes on " + id, static_cast<double>(expected.size()),
                 static_cast<double>(names.size()));
    for (std::size_t column = 0; column < names.size(); ++column) {
      expect_equal(id + " " + names[column], expected.at(names[column]).get<int>(),
                   dispatcher.counts(row)[column]);
    }
  }
}

// Whether the step was an iteration, not a worker that came or went.
bool replay_step(UsersDispatcher& dispatcher, const Json& step) {
  check_keys(step, {"users", "add_worker", "remove_worker"});
  if (step.contains("add_worker")) {
    dispatcher.add_worker(step.at("add_worker").get<std::string>());
    return false;
  }
  if (step.contains("remove_worker")) {
    dispatcher.remove_worker(step.at("remove_worker").get<std::string>());
    return false;
  }
  if (!dispatcher.next()) throw Difference{"the cycle should go on, but it is over"};
  compare_users(dispatcher, step.at("users"));
  return true;
}

void replay_cycle(UsersDispatcher& dispatcher, const Json& cycle, std::string& place) {
  check_keys(cycle, {"target_user_count", "spawn_rate", "user_classes", "users_per_iteration",
                     "wait_between", "steps"});
  const Json& selection = cycle.at("user_classes");
  const int target = cycle.at("target_user_count").get<int>();
  dispatcher.new_dispatch(
      target, cycle.at("spawn_rate").get<double>(),
      selection.is_null() ? std::nullopt : std::optional<Names>(selection.get<Names>()));
  expect_equal("users_per_iteration", cycle.at("users_per_iteration").get<double>(),
               dispatcher.user_count_per_dispatch_iteration());
  expect_equal("wait_between", cycle.at("wait_between").get<double>(),
               to_seconds(dispatcher.wait_between_dispatch()), kPauseTolerance_s);
  const std::string cycle_place = place;
  const Json& steps = cycle.at("steps");
  bool same_workers = true;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    place = cycle_place + ", step " + std::to_string(i);
    same_workers &= replay_step(dispatcher, steps[i]);
  }
  if (same_workers && !steps.empty() && dispatcher.dispatched_user_count() == target &&
      dispatcher.next()) {
    throw Difference{"the cycle should be over, but it goes on"};
  }
}

std::optional<std::string> first_difference(const std::string& line) {
  std::string place;
  try {
    const Json vector = Json::parse(line);
    UsersDispatcher dispatcher = dispatcher_of(vector);
    for (std::size_t i = 0; i < vector.at("cycles").size(); ++i) {
      place = ", cycle " + std::to_string(i);
      replay_cycle(dispatcher, vector.at("cycles")[i], place);
    }
  } catch (const Difference& difference) {
    return place + ": " + difference.message;
  } catch (const Json::exception& error) {
    return place + ": " + error.what();
  }
  return std::nullopt;
}

}  // namespace

ReplayOutcome replay_dispatch(std::istream& input) {
  ReplayOutcome outcome;
  std::string line;
  for (std::size_t number = 1; std::getline(input, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    ++outcome.cases;
    const std::optional<std::string> difference = first_difference(line);
    if (!difference) continue;
    ++outcome.mismatches;
    if (outcome.differences.size() < kMaxDifferences) {
      outcome.differences.push_back("line " + std::to_string(number) + *difference);
    }
  }
  return outcome;
}

}  // namespace locust
