// A worker in simulated time, seen from its master: it registers, sends heartbeats and reports, and
// answers spawn, stop and quit like stock's. A test can make it older, slower or silent.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/scheduler.h"
#include "common/stats/stats.h"
#include "proto/codec.h"
#include "tests/fakes/fake_transport.h"

namespace locust::fakes {

class ScriptedWorker {
 public:
  struct Options {
    std::vector<std::string> classes = {"Shop"};
    proto::Value version = -1;
    Duration stop_time{};                        // users take this long to stop
    bool reports_when_idle = true;               // boomer does not
    bool names_weights = false;                  // native workers do
    std::map<std::string, std::string> hosts{};  // likewise, of classes
    FileDigests files{};                         // likewise, of their test
    double clock_ahead = 0;                      // seconds
  };

  ScriptedWorker(Scheduler& scheduler, FakeNetwork& network, std::string id, Options options)
      : scheduler_(scheduler),
        id_(std::move(id)),
        options_(std::move(options)),
        transport_(network.connect(id_)),
        stats_(wall_time(), StatsRole::kWorker) {
    for (const std::string& name : options_.classes) counts_[name] = 0;
    transport_->on_message([this](std::string_view payload) {
      auto message = proto::decode_from_master(payload);
      if (!message) return;
      received.push_back(*message);
      if (!frozen_) answer(message->payload);
    });
    send(proto::ClientReady{options_.version});
  }
  ~ScriptedWorker() {
    for (const TimerId timer : {heartbeat_timer_, report_timer_, stop_timer_})
      scheduler_.cancel(timer);
    transport_->on_message({});
  }
  ScriptedWorker(const ScriptedWorker&) = delete;
  ScriptedWorker& operator=(const ScriptedWorker&) = delete;

  const std::string& id() const { return id_; }
  RequestStats& stats() { return stats_; }
  // The time of its own clock, which a test may set.
  double wall_time() const { return scheduler_.clock().wall_time() + options_.clock_ahead; }
  void set_clock_ahead(double seconds) { options_.clock_ahead = seconds; }
  std::int64_t users() const { return sum(); }
  std::int64_t users(const std::string& name) const { return counts_.at(name); }
  // All users stop by themselves.
  void end_users() {
    for (auto& [name, count] : counts_) count = 0;
  }
  std::string state = "ready";
  bool obeys_quit = true;
  std::vector<proto::Message> received;

  template <typename Payload>
  std::vector<const Payload*> got() const {
    std::vector<const Payload*> result;
    for (const proto::Message& message : received) {
      if (const auto* payload = std::get_if<Payload>(&message.payload)) result.push_back(payload);
    }
    return result;
  }

  void send(proto::Payload payload) {
    (void)transport_->send(proto::encode({std::move(payload), id_}));
  }
  void send_raw(std::string payload) { (void)transport_->send(std::move(payload)); }
  // Neither sends nor answers until thawed, like after SIGSTOP.
  void freeze() { frozen_ = true; }
  void thaw() {
    frozen_ = false;
    if (acked_) heartbeat();
  }
  void report() {
    proto::Stats stats{.report = stats_.get_stripped_report(wall_time()),
                       .user_classes_count = {counts_.begin(), counts_.end()},
                       .user_count = sum(),
                       .extension = {},
                       .extra = {}};
    if (options_.names_weights || !options_.files.empty() || !options_.hosts.empty()) {
      proto::StatsExtension extension;
      extension.files = options_.files;
      double weight = 1;
      for (const std::string& name : options_.classes) {
        proto::ClassInfo info{name, weight++, 0, {}, {}};
        if (const auto host = options_.hosts.find(name); host != options_.hosts.end()) {
          info.host = host->second;
        }
        extension.user_classes.push_back(std::move(info));
      }
      stats.extension = std::move(extension);
    }
    send(std::move(stats));
  }

 private:
  void answer(const proto::Payload& payload) {
    if (std::holds_alternative<proto::Ack>(payload)) {
      if (!std::exchange(acked_, true)) {
        heartbeat();
        report_periodically();
      }
    } else if (const auto* spawn = std::get_if<proto::Spawn>(&payload)) {
      if (state == "ready") stats_.clear_all(wall_time());
      send(proto::Spawning{});
      for (const auto& [name, count] : spawn->user_classes_count) counts_[name] = count;
      state = "running";
      proto::SpawningComplete complete;
      complete.user_classes_count = {counts_.begin(), counts_.end()};
      complete.user_count = sum();
      send(std::move(complete));
    } else if (std::holds_alternative<proto::Stop>(payload)) {
      stop_timer_ = scheduler_.call_after(options_.stop_time, [this] {
        for (auto& [name, count] : counts_) count = 0;
        send(proto::ClientStopped{});
        send(proto::ClientReady{options_.version});
        state = "ready";
      });
    } else if (std::holds_alternative<proto::Quit>(payload) && obeys_quit) {
      obeys_quit = false;
      stop_timer_ = scheduler_.call_after(options_.stop_time, [this] {
        for (auto& [name, count] : counts_) count = 0;
        report();
        send(proto::Quit{});
        scheduler_.cancel(heartbeat_timer_);
        scheduler_.cancel(report_timer_);
      });
    }
  }
  void heartbeat() {
    scheduler_.cancel(heartbeat_timer_);
    heartbeat_timer_ = scheduler_.call_after(std::chrono::seconds(1), [this] { heartbeat(); });
    if (frozen_) return;
    proto::Heartbeat message;
    message.state = state;
    message.current_memory_usage = 1 << 20;
    send(std::move(message));
  }
  void report_periodically() {
    report_timer_ =
        scheduler_.call_after(std::chrono::seconds(3), [this] { report_periodically(); });
    if (!frozen_ && (options_.reports_when_idle || state != "ready")) report();
  }
  std::int64_t sum() const {
    std::int64_t total = 0;
    for (const auto& [name, count] : counts_) total += count;
    return total;
  }

  Scheduler& scheduler_;
  std::string id_;
  Options options_;
  std::unique_ptr<proto::WorkerTransport> transport_;
  RequestStats stats_;
  std::map<std::string, std::int64_t> counts_;
  bool acked_ = false;
  bool frozen_ = false;
  TimerId heartbeat_timer_ = 0;
  TimerId report_timer_ = 0;
  TimerId stop_timer_ = 0;
};

}  // namespace locust::fakes
