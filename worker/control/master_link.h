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

// What a link needs from its worker, and its notifications.
class MasterLinkEvents {
 public:
  virtual ~MasterLinkEvents() = default;
  // The state in heartbeats: ready, spawning, running.
  virtual std::string worker_state() const = 0;
  // The part of heartbeats for native masters.
  virtual std::optional<proto::HeartbeatExtension> heartbeat_extension() const = 0;
  // No master answered client_ready.
  virtual void gave_up() = 0;
  // The master has answered heartbeats before, but not for kMasterHeartbeatTimeout.
  virtual void master_silent() = 0;
  // Heartbeats on a new connection are not answered: another master has replaced the old one and
  // does not know this worker (docs/protocol.md §10.4).
  virtual void master_restarted() = 0;
};

// Used on the control thread. `scheduler`, `transport` and `events` must outlive it.
class MasterLink {
 public:
  static constexpr Duration kConnectTimeout = std::chrono::seconds(5);
  // Stock's 61 attempts.
  static constexpr Duration kDefaultConnectPatience = std::chrono::seconds(305);
  static constexpr Duration kHeartbeatInterval = std::chrono::seconds(1);
  static constexpr Duration kMasterHeartbeatTimeout = std::chrono::seconds(60);
  static constexpr int kStrangerAfter = 5;  // unanswered heartbeats on a new connection
  static constexpr Duration kCpuMonitorInterval = std::chrono::seconds(5);

  // `address` is for log lines only. connect() gives up after `patience`; never if it is zero.
  // `cpu_share` is the share of one core that this process may use, at most 1: its CPU usage is
  // reported in percent of that share.
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
  // Stock masters do not answer heartbeats during a stop, so the timeout is suspended
  // (docs/protocol.md §7.3).
  void suspend_timeout();
  void resume_timeout();
  // The CPU warning is logged once per test, as in stock.
  void begin_test() { cpu_warning_emitted_ = false; }
  // Sends an additional heartbeat.
  void send_heartbeat();
  // Registers again after a stop. As in stock, the message is not repeated.
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
  // The master's silence is measured in sent heartbeats, not in time: a worker that was frozen
  // (SIGSTOP, a suspended machine) sent none, so the master is not to blame.
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
