#include "worker/control/master_link.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "proto/codec.h"

namespace locust::worker {
namespace {

constexpr int kQuietAttempts = 6;            // half a minute without a line at INFO
constexpr double kCpuWarningThreshold = 90;  // percent; runners.py CPU_WARNING_THRESHOLD

}  // namespace

MasterLink::MasterLink(Scheduler& scheduler, proto::WorkerTransport& transport,
                       std::string client_id, std::string address, Duration patience,
                       double cpu_share, MasterLinkEvents& events)
    : scheduler_(scheduler),
      transport_(transport),
      client_id_(std::move(client_id)),
      address_(std::move(address)),
      patience_(patience),
      events_(events),
      cpu_share_(cpu_share),
      cpu_meter_(scheduler.clock()) {
  cpu_timer_ = scheduler_.call_after(kCpuMonitorInterval, [this] { sample_cpu(); });
}

MasterLink::~MasterLink() {
  for (const TimerId timer : {connect_timer_, heartbeat_timer_, cpu_timer_})
    scheduler_.cancel(timer);
}

void MasterLink::send(proto::Payload payload) {
  const auto sent = transport_.send(proto::encode({std::move(payload), client_id_}));
  if (!sent) log::runners().error("Message to master was dropped: {}", sent.error());
}

void MasterLink::connect() {
  attempts_ = 0;
  connect_began_ = scheduler_.clock().now();
  try_connect();
}

// ZeroMQ resolves the master's name again at each attempt while there is no connection.
void MasterLink::try_connect() {
  const bool for_ever = patience_ == Duration::zero();
  const Duration left = connect_began_ + patience_ - scheduler_.clock().now();
  if (attempts_ > 0) {
    const auto last = (patience_ - Duration(1)) / kConnectTimeout;
    log::runners().log(attempts_ < kQuietAttempts ? spdlog::level::debug : spdlog::level::info,
                       "Failed to connect to master {}, retry {}/{}.", address_, attempts_,
                       for_ever ? "-" : std::to_string(last));
  }
  if (!for_ever && left <= Duration::zero()) {
    events_.gave_up();
    return;
  }
  ++attempts_;
  const auto sent =
      transport_.send_unless_waiting(proto::encode({proto::ClientReady{}, client_id_}));
  if (!sent) log::runners().error("Message to master was dropped: {}", sent.error());
  connect_timer_ = scheduler_.call_after(
      for_ever ? kConnectTimeout : std::min(left, kConnectTimeout), [this] { try_connect(); });
}

bool MasterLink::on_ack() {
  scheduler_.cancel(std::exchange(connect_timer_, 0));
  if (connected_) return false;
  connected_ = true;
  heartbeat();
  return true;
}

void MasterLink::announce_ready() { send(proto::ClientReady{}); }

void MasterLink::heartbeat() {
  heartbeat_timer_ = scheduler_.call_after(kHeartbeatInterval, [this] { heartbeat(); });
  send_heartbeat();
  check_master();
}

void MasterLink::send_heartbeat() {
  proto::Heartbeat heartbeat;
  heartbeat.state = events_.worker_state();
  heartbeat.current_cpu_usage = cpu_usage_;
  heartbeat.current_memory_usage = resident_memory_bytes();
  heartbeat.extension = events_.heartbeat_extension();
  send(std::move(heartbeat));
}

void MasterLink::sample_cpu() {
  cpu_timer_ = scheduler_.call_after(kCpuMonitorInterval, [this] { sample_cpu(); });
  cpu_usage_ = cpu_meter_.sample() / cpu_share_;
  if (cpu_usage_ > kCpuWarningThreshold && !cpu_warning_emitted_) {
    cpu_warning_emitted_ = true;
    log::main().warn(
        "CPU usage above 90%! This may constrain your throughput and may even give inconsistent "
        "response time "
        "measurements! Start more workers to distribute the load over multiple CPU cores or "
        "machines");
  }
}

void MasterLink::on_master_heartbeat() {
  timeout_armed_ = true;
  unanswered_heartbeats_ = 0;
  reconnected_ = false;
}

void MasterLink::on_connected() {
  if (!connected_) return;
  reconnected_ = true;
  unanswered_since_reconnect_ = 0;
}

void MasterLink::suspend_timeout() { timeout_suspended_ = true; }

void MasterLink::resume_timeout() {
  timeout_suspended_ = false;
  unanswered_heartbeats_ = 0;
  reconnected_ = false;
}

void MasterLink::check_master() {
  if (!timeout_armed_ || timeout_suspended_) return;
  if (reconnected_ && ++unanswered_since_reconnect_ > kStrangerAfter) {
    reconnected_ = false;
    events_.master_restarted();
    return;
  }
  if (++unanswered_heartbeats_ <= kMasterHeartbeatTimeout / kHeartbeatInterval) return;
  timeout_armed_ = false;
  log::runners().error("Didn't get heartbeat from master in over 60s");
  events_.master_silent();
}

}  // namespace locust::worker
