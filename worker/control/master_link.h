// MasterLink: the worker's registration with its master, its heartbeats, and the timeout of the
// master's (runners.py WorkerRunner.connect_to_master, heartbeat, heartbeat_timeout_checker).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/scheduler.h"
#include "common/base/sysinfo.h"
#include "proto/message.h"
#include "proto/transport.h"

namespace locust::worker {

// What a link asks of its worker, and reports to it.
class MasterLinkEvents {
 public:
  virtual ~MasterLinkEvents() = default;
  // For the heartbeat: ready, spawning, running.
  virtual std::string worker_state() const = 0;
  // For native masters.
  virtual std::optional<proto::HeartbeatExtension> heartbeat_extension() const = 0;
  // No master answered client_ready.
  virtual void gave_up() = 0;
  // The master used to answer heartbeats and has not for kMasterHeartbeatTimeout.
  virtual void master_silent() = 0;
  // A new connection is not answered: another master has replaced the old one and does not know
  // this worker (docs/protocol.md §10.4).
  virtual void master_restarted() = 0;
};

// Control thread. `scheduler`, `transport` and `events` must outlive it.
class MasterLink {
 public:
  static constexpr Duration kConnectTimeout = std::chrono::seconds(5);
  // Stock's 61 attempts.
  static constexpr Duration kDefaultConnectPatience = std::chrono::seconds(305);
  static constexpr Duration kHeartbeatInterval = std::chrono::seconds(1);
  static constexpr Duration kMasterHeartbeatTimeout = std::chrono::seconds(60);
  static constexpr int kStrangerAfter = 5;  // unanswered heartbeats on a new connection
  static constexpr Duration kCpuMonitorInterval = std::chrono::seconds(5);

  // `address` is for log lines only. `patience` is the limit of connect(); zero: none. `cpu_share`
  // is how much of one core this process may use, at most 1: its usage is reported in percent of
  // that.
  MasterLink(Scheduler& scheduler, proto::WorkerTransport& transport, std::string client_id,
             std::string address, Duration patience, double cpu_share, MasterLinkEvents& events);
  ~MasterLink();
  MasterLink(const MasterLink&) = delete;
  MasterLink& operator=(const MasterLink&) = delete;

  // Sends client_ready until on_ack().
  void connect();
  // Returns true for the first ack, which starts the heartbeats.
  bool on_ack();
  void on_master_heartbeat();
  // The transport has a new connection.
  void on_connected();
  // While a stop is carried out stock masters do not answer, so their silence means nothing
  // (docs/protocol.md §7.3).
  void suspend_timeout();
  void resume_timeout();
  // The CPU warning is due once in each test, as in stock.
  void begin_test() { cpu_warning_emitted_ = false; }
  // Sends an additional heartbeat.
  void send_heartbeat();
  // After a stop: registers again; this one is not repeated, as in stock.
  void announce_ready();

  // A message that cannot be queued is dropped with a log line.
  void send(proto::Payload payload);
  bool connected() const { return connected_; }
  const std::string& address() const { return address_; }
  double cpu_usage() const { return cpu_usage_; }

 private:
  void try_connect();
  void heartbeat();
  void sample_cpu();
  void check_master();

  Scheduler& scheduler_;
  proto::WorkerTransport& transport_;
  const std::string client_id_;
  const std::string address_;
  const Duration patience_;
  MasterLinkEvents& events_;

  bool connected_ = false;
  int attempts_ = 0;
  TimePoint connect_began_{};
  bool timeout_armed_ = false;
  bool timeout_suspended_ = false;
  // The master's silence is counted in our own heartbeats, not in time: a worker that was frozen
  // (SIGSTOP, a suspended machine) sent none meanwhile and must not blame the master.
  int unanswered_heartbeats_ = 0;
  bool reconnected_ = false;  // since the master's last answer
  int unanswered_since_reconnect_ = 0;
  const double cpu_share_;
  CpuMeter cpu_meter_;
  double cpu_usage_ = 0;
  bool cpu_warning_emitted_ = false;
  TimerId connect_timer_ = 0;
  TimerId heartbeat_timer_ = 0;
  TimerId cpu_timer_ = 0;
};

}  // namespace locust::worker
