// A users' loop without users: it only has counts. It answers through the scheduler after delays
// that the test sets, never within the call, like the real one.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "worker/loop/user_loop.h"

namespace locust::fakes {

class FakeUserLoop final : public worker::UserLoop {
 public:
  FakeUserLoop(Scheduler& scheduler, std::vector<std::string> classes)
      : scheduler_(scheduler),
        stats_(scheduler.clock().wall_time(), StatsRole::kWorker),
        classes_(std::move(classes)) {
    for (const std::string& name : classes_) counts_.emplace_back(name, 0);
  }

  // The time to reach a target and to stop all users from now on.
  Duration spawn_time{};
  Duration stop_time{};
  Duration loop_lag{};  // as reports tell it
  std::uint64_t tasks_begun = 0;

  RequestStats& stats() { return stats_; }
  int worker_index = -1;
  int tests_begun() const { return tests_begun_; }
  const worker::TestSettings& settings() const { return settings_; }
  const worker::Target& target() const { return target_; }
  const std::vector<Duration>& stop_timeouts() const { return stop_timeouts_; }

  std::vector<std::string> class_names() const override { return classes_; }
  std::string held_up_by;
  std::string blocked_by() const override { return held_up_by; }
  void on_exception(ExceptionHandler /*handler*/) override {}
  void set_worker_index(int index) override { worker_index = index; }
  void record_precisely(bool on) override { stats_.record_precisely(on); }
  worker::RunOptions options;
  void set_options(worker::RunOptions given) override { options = std::move(given); }
  void begin_test(worker::TestSettings settings) override {
    ++tests_begun_;
    settings_ = std::move(settings);
    stats_.clear_all(scheduler_.clock().wall_time());
  }
  int all_spawned_calls = 0;
  std::vector<worker::ClassUpdate> updates;
  std::vector<Duration> end_limits;
  Duration end_time{};  // how long test_stop takes
  std::function<worker::ProcessEnd()> on_quitting{};
  void all_spawned() override { ++all_spawned_calls; }
  void update_user_class(worker::ClassUpdate update) override {
    updates.push_back(std::move(update));
  }
  void end_test(Duration limit, std::function<void()> ended) override {
    end_limits.push_back(limit);
    scheduler_.call_after(end_time, std::move(ended));
  }
  void tell_quitting(std::function<void(const worker::ProcessEnd&)> told) override {
    scheduler_.call_after(Duration::zero(), [this, told = std::move(told)] {
      told(on_quitting ? on_quitting() : worker::ProcessEnd());
    });
  }
  void set_target(worker::Target target, worker::UserPool::TargetReached reached) override {
    target_ = target;
    const int order = ++orders_;
    scheduler_.call_after(spawn_time, [this, order, reached = std::move(reached)] {
      if (order != orders_) return;  // superseded
      for (const auto& [name, count] : target_.user_classes_count) {
        std::ranges::find(counts_, name, &UserCounts::value_type::first)->second = count;
      }
      reached(counts_);
    });
  }
  void stop_all(Duration stop_timeout, std::function<void()> stopped) override {
    stop_timeouts_.push_back(stop_timeout);
    ++orders_;
    scheduler_.call_after(stop_time, [this, stopped = std::move(stopped)] {
      for (auto& [name, count] : counts_) count = 0;
      stopped();
    });
  }
  void take_report(std::function<void(worker::LoopReport)> taken) override {
    scheduler_.call_after(Duration::zero(), [this, taken = std::move(taken)] {
      worker::LoopReport report{stats_.get_stripped_report(scheduler_.clock().wall_time()),
                                counts_};
      report.loop_lag = loop_lag;
      report.tasks_begun = std::exchange(tasks_begun, 0);
      taken(std::move(report));
    });
  }
  int heartbeats = 0;
  std::vector<std::pair<std::string, proto::Value>> received;
  void heartbeat() override { ++heartbeats; }
  void receive(const std::string& type, proto::Value data) override {
    received.emplace_back(type, std::move(data));
  }

 private:
  Scheduler& scheduler_;
  RequestStats stats_;
  std::vector<std::string> classes_;
  UserCounts counts_;
  worker::Target target_;
  worker::TestSettings settings_;
  std::vector<Duration> stop_timeouts_;
  int tests_begun_ = 0;
  int orders_ = 0;
};

}  // namespace locust::fakes
