// A master in simulated time, with scripted workers on a fake network.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "master/cluster/master.h"
#include "master/run/run_controller.h"
#include "master/run/run_shape.h"
#include "tests/fakes/scripted_worker.h"
#include "tests/fakes/simulated_loop.h"

namespace locust::master {

using fakes::ScriptedWorker;
using std::chrono::milliseconds;
using std::chrono::seconds;

class MasterTest : public testing::Test {
 protected:
  ScriptedWorker& join(const std::string& id, ScriptedWorker::Options options = {}) {
    workers_.push_back(std::make_unique<ScriptedWorker>(loop_, network_, id, std::move(options)));
    loop_.advance(milliseconds(20));
    return *workers_.back();
  }
  void make_master(MasterConfig config = {}, std::vector<UserConfig> configs = {}) {
    master_.emplace(loop_, network_.master(), UserClassCatalog(nullptr, std::move(configs), {}),
                    std::move(config));
  }
  Master& master() {
    if (!master_) make_master();
    return *master_;
  }
  // Users of each spawn message that the worker got.
  static std::vector<std::int64_t> totals(const ScriptedWorker& worker) {
    std::vector<std::int64_t> result;
    for (const proto::Spawn* spawn : worker.got<proto::Spawn>()) {
      std::int64_t total = 0;
      for (const auto& [name, count] : spawn->user_classes_count) total += count;
      result.push_back(total);
    }
    return result;
  }

  fakes::SimulatedLoop loop_;
  fakes::FakeNetwork network_{loop_};
  std::optional<Master> master_;
  std::vector<std::unique_ptr<ScriptedWorker>> workers_;
};

// What a command line with --headless asks for.
struct HeadlessOptions {
  std::int64_t users = 1;
  double spawn_rate = 1;
  std::optional<seconds> run_time = std::nullopt;
  std::size_t expect_workers = 1;
  seconds expect_workers_max_wait{0};
  std::vector<Threshold> thresholds = {};
  ExitRules exit_rules = {};
};

// The shape that read_inputs() would have made.
inline std::optional<Shape> shape_of(const MasterOptions& options, const Scenario* scenario) {
  auto shape = run_shape(options, scenario);
  EXPECT_TRUE(shape) << shape.error();
  return shape ? *std::move(shape) : std::nullopt;
}

class HeadlessTest : public MasterTest {
 protected:
  RunController& begin(HeadlessOptions options) {
    master();
    options_.headless = true;
    options_.users = options.users;
    options_.spawn_rate = options.spawn_rate;
    if (options.run_time) options_.run_time = options.run_time->count();
    options_.expect_workers = static_cast<std::int64_t>(options.expect_workers);
    options_.expect_workers_max_wait = options.expect_workers_max_wait.count();
    options_.verdicts.fail_on_invalid = options.exit_rules.fail_on_invalid;
    options_.verdicts.exit_code_on_error = options.exit_rules.exit_code_on_error;
    run_.emplace(loop_, *master_, options_,
                 RunSetup{.scenario = scenario_,
                          .shape = shape_of(options_, scenario_),
                          .thresholds = std::move(options.thresholds)},
                 [this](int code) { exit_codes_.push_back(code); });
    run_->begin();
    return *run_;
  }
  MasterOptions options_;
  const Scenario* scenario_ = nullptr;  // with the shapes of the test
  std::optional<RunController> run_;
  std::vector<int> exit_codes_;
};

}  // namespace locust::master
