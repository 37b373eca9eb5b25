// A run with one or more workers, in simulated time: with a page unless a test makes it headless.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "common/scenario/scenario_parse.h"
#include "master/run/run_controller.h"
#include "proto/class_info.h"
#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {

inline constexpr const char* kShop = R"(
arguments:
  pages: {default: 5, help: how many}
  key: {default: x, secret: true}
  size: {default: s, choices: [s, m]}
  region: {default: "${env.REGION}"}
users:
  Admin: {tasks: {t: [get: /]}}
  Shop: {weight: 3, tasks: {t: [get: /]}}
)";

inline std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++times;
  }
  return times;
}

// A report that says this beside its statistics, in the extension of native workers.
inline proto::Stats report_with(proto::StatsExtension said) {
  RequestStats nothing(0, StatsRole::kWorker);
  return {.report = nothing.get_stripped_report(0),
          .user_classes_count = {{"Shop", 1}},
          .user_count = 1,
          .extension = std::move(said),
          .extra = {}};
}

class RunControllerTest : public MasterTest {
 protected:
  RunControllerTest() { log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(log_)); }
  ~RunControllerTest() override { log::capture(nullptr); }

  // Without a scenario the workers bring the classes.
  void begin(const char* yaml = nullptr) {
    if (yaml != nullptr) {
      parsed_ = parse_scenario({{"f.yaml", yaml}});
      ASSERT_THAT(parsed_.errors, testing::IsEmpty());
      scenario_ = &parsed_.scenario;
    }
    MasterConfig config;
    if (scenario_ != nullptr) config.classes = proto::class_infos(*scenario_);
    config.is_scenario = is_scenario_;
    config.stop_timeout = stop_timeout_;
    config.on_worker_loss = options_.on_worker_loss;
    config.as_one_process = options_.as_one_process;
    config.reset_stats = reset_stats_;
    master_.emplace(loop_, network_.master(),
                    UserClassCatalog(scenario_, config_users_, options_.user_classes),
                    std::move(config));
    run_.emplace(loop_, *master_, options_,
                 RunSetup{.scenario = scenario_,
                          .locustfile = locustfile_,
                          .locustfile_shape = locustfile_shape_,
                          .config_users = config_users_,
                          .shape = shape_of(options_, scenario_),
                          .thresholds = std::move(thresholds_)},
                 [this](int code) { exit_codes_.push_back(code); });
    run_->begin();
  }
  // What the page or a script asks for.
  web::SwarmReply ask(web::SwarmForm form) {
    return run_->request({.by = Requester::kForm, .form = std::move(form)});
  }
  web::SwarmReply swarm(std::int64_t users, double rate = 100) {
    const web::SwarmReply reply = ask({.user_count = users, .spawn_rate = rate});
    loop_.advance(milliseconds(1500));
    return reply;
  }
  MasterState state() const { return master_->state(); }
  std::size_t logged(const std::string& line) const { return occurrences(log_.str(), line); }
  ScriptedWorker& worker() { return *workers_.at(0); }

  MasterOptions options_;
  bool is_scenario_ = false;  // then a test needs hosts
  double stop_timeout_ = 0;
  bool reset_stats_ = false;
  std::vector<UserConfig> config_users_;
  std::vector<Threshold> thresholds_;
  ParsedScenario parsed_;
  const Scenario* scenario_ = nullptr;
  const LocustfileArguments* locustfile_ = nullptr;
  LocustfileShape* locustfile_shape_ = nullptr;
  std::optional<RunController> run_;
  std::vector<int> exit_codes_;
  std::ostringstream log_;
};

// A run from the command line alone.
class HeadlessLogTest : public HeadlessTest {
 protected:
  HeadlessLogTest() { log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(log_)); }
  ~HeadlessLogTest() override { log::capture(nullptr); }

  std::size_t count(const std::string& line) const { return occurrences(log_.str(), line); }

  std::ostringstream log_;
};

}  // namespace locust::master
