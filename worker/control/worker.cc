#include "worker/control/worker.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "common/base/log.h"
#include "common/base/number.h"
#include "common/base/printable.h"
#include "proto/codec.h"
#include "proto/texts.h"
#include "worker/control/parsed_options.h"

namespace locust::worker {
namespace {

std::string_view to_string(WorkerState state) {
  switch (state) {
    case WorkerState::kReady:
      return "ready";
    case WorkerState::kSpawning:
      return "spawning";
    case WorkerState::kRunning:
      return "running";
  }
  return "";
}

// Masters send the number of workers that --expect-workers gives; the default is one.
TestSettings test_settings(const proto::Spawn& spawn) {
  TestSettings settings;
  if (const proto::Value* expected = proto::find(spawn.parsed_options, "expect_workers")) {
    settings.expect_workers = expected->to_int().value_or(settings.expect_workers);
  }
  if (!spawn.extension) return settings;
  if (const auto tasks = spawn.extension->iterations) {
    settings.tasks = static_cast<std::uint64_t>(std::max<std::int64_t>(*tasks, 0));
  }
  settings.evidence = spawn.extension->evidence.value_or(settings.evidence);
  return settings;
}

}  // namespace

Worker::Worker(Scheduler& scheduler, proto::WorkerTransport& transport, UserLoop& users,
               WorkerConfig config, WorkerEvents& events)
    : scheduler_(scheduler),
      transport_(transport),
      users_(users),
      events_(events),
      host_(std::move(config.host)),
      additional_wait_(config.additional_wait),
      link_(scheduler, transport, config.client_id, config.master_address, config.connect_timeout,
            config.cpu_share, *this),
      stop_timeout_(config.stop_timeout),
      extension_(std::move(config.user_classes), std::move(config.files)),
      watch_(config.open_file_limit, std::move(config.throttled_periods)),
      exceptions_(scheduler.clock()),
      logs_(scheduler, link_, std::move(config.client_id), std::move(config.logs)),
      message_limit_(scheduler.clock()),
      users_deadline_(scheduler, [this] { leave_users_behind(); }) {
  transport_.on_message([this](std::string_view payload) { handle_message(payload); });
  transport_.on_error([this](const std::string& what) { log_bad_message(what); });
  transport_.on_connected([this] { link_.on_connected(); });
  users_.on_exception([this](const TaskException& exception) { report_exception(exception); });
}

Worker::~Worker() {
  scheduler_.cancel(report_timer_);
  scheduler_.cancel(ready_timer_);
  transport_.on_message({});
  transport_.on_error({});
  transport_.on_connected({});
}

std::string Worker::worker_state() const { return std::string(to_string(state_)); }

std::optional<proto::HeartbeatExtension> Worker::heartbeat_extension() const {
  return extension_.heartbeat(watch_.diagnosis(), held_up_by_);
}

void Worker::gave_up() {
  log::main().error("Failed to connect to the Locust master: {}", link_.address());
  finish(kExitCodeNoMaster);
}

void Worker::master_silent() { quit(); }

void Worker::handle_message(std::string_view bytes) {
  auto message = proto::decode_from_master(bytes);
  if (!message) {
    log_bad_message(message.error());
    return;
  }
  const bool waits_for_stop = std::holds_alternative<proto::Spawn>(message->payload) ||
                              std::holds_alternative<proto::Stop>(message->payload);
  if (stopping_ && waits_for_stop) {
    if (deferred_.size() == kMaxDeferred) deferred_.pop_front();
    deferred_.push_back(std::move(message->payload));
    return;
  }
  std::visit([this](auto& payload) { handle(payload); }, message->payload);
}

void Worker::log_bad_message(std::string_view what) {
  if (message_limit_.allow())
    log::runners().error("RPCError found when receiving from master: {}", printable(what));
}

void Worker::log_unknown(std::string_view type) {
  if (message_limit_.allow())
    log::runners().warn("Unknown message type received: {}", quoted_part(type));
}

void Worker::handle(proto::Ack& ack) {
  if (ack.index) {
    constexpr std::int64_t kLimit = std::numeric_limits<int>::max();
    users_.set_worker_index(static_cast<int>(std::clamp<std::int64_t>(*ack.index, -1, kLimit)));
  }
  extension_.on_ack(ack);
  users_.record_precisely(extension_.is_understood());
  if (link_.on_ack()) report_periodically();
}

void Worker::handle(proto::HeartbeatReply&) {
  link_.on_master_heartbeat();
  users_.heartbeat();
}

void Worker::handle(proto::Spawn& spawn) {
  if (is_leaving() || !link_.connected()) {
    log::runners().info("Ignored a spawn message: this worker is not registered");
    return;
  }
  link_.send(proto::Spawning{});
  if (spawn.timestamp <= last_received_spawn_timestamp_) {
    log::runners().info(
        "Discard spawn message with older or equal timestamp than timestamp of previous spawn "
        "message");
    return;
  }
  last_received_spawn_timestamp_ = spawn.timestamp;
  set_stop_timeout(seconds(spawn.stop_timeout.value_or(0)));
  users_.set_options(run_options(spawn.parsed_options));
  if (state_ == WorkerState::kReady) {
    extension_.begin_test();
    watch_.begin_test();
    exceptions_.begin_test();
    users_.begin_test(test_settings(spawn));
    link_.begin_test();
  }
  state_ = WorkerState::kSpawning;
  set_target(spawn);
}

void Worker::set_stop_timeout(Duration timeout) {
  if (is_leaving() || stopping_) return;
  stop_timeout_ = std::max(timeout, Duration::zero());
  events_.stop_timeout_set(stop_timeout_);
}

void Worker::set_target(const proto::Spawn& spawn) {
  Target target;
  target.stop_timeout = stop_timeout_;
  target.host = spawn.host && !spawn.host->empty() ? *spawn.host : host_.value_or("");
  if (spawn.extension) target.users_of_test = spawn.extension->users_of_test;
  const std::vector<std::string> known = users_.class_names();
  for (const auto& [name, count] : spawn.user_classes_count) {
    if (std::find(known.begin(), known.end(), name) != known.end()) {
      target.user_classes_count.emplace_back(name, count);
    } else if (count > 0 && message_limit_.allow()) {
      log::runners().warn(
          "The master asks for users of class '{}', which this worker does not have",
          quoted_part(name));
    }
  }
  std::int64_t users = 0;
  for (const auto& [name, count] : target.user_classes_count) {
    users = saturating_add(users, std::max<std::int64_t>(count, 0));
  }
  watch_.note_target(static_cast<std::uint64_t>(users));
  const std::uint64_t generation = ++spawn_generation_;
  users_.set_target(std::move(target), [this, generation](const UserCounts& counts) {
    if (generation == spawn_generation_) complete_spawning(counts);
  });
}

void Worker::handle(proto::Stop&) {
  if (is_leaving()) return;
  stopping_ = true;
  ++spawn_generation_;
  link_.suspend_timeout();
  users_deadline_.set(stop_timeout_ + kUsersGrace);
  users_.stop_all(stop_timeout_, [this] { users_stopped(); });
}

void Worker::users_stopped() {
  if (is_leaving()) return;
  send_report([this] {
    if (is_leaving()) return;
    users_deadline_.set(kTestStopLimit + kUsersGrace);
    users_.end_test(kTestStopLimit, [this] { test_ended(); });
  });
}

void Worker::test_ended() {
  if (is_leaving()) return;
  users_deadline_.cancel();
  link_.send(proto::ClientStopped{});
  ready_timer_ =
      scheduler_.call_after(stop_timeout_ + additional_wait_, [this] { become_ready(); });
}

// Resets the timestamp, so that the next order counts as newer: the `stop` may be the first message
// of a master that was restarted with its clock behind. A connection keeps the order of messages.
void Worker::become_ready() {
  ready_timer_ = 0;
  last_received_spawn_timestamp_ = 0;
  link_.announce_ready();
  link_.resume_timeout();
  state_ = WorkerState::kReady;
  stopping_ = false;
  run_deferred();
}

void Worker::run_deferred() {
  while (!stopping_ && !deferred_.empty()) {
    proto::Payload payload = std::move(deferred_.front());
    deferred_.pop_front();
    std::visit([this](auto& message) { handle(message); }, payload);
  }
}

// Acts as if the new master had sent `stop`: sends client_stopped, which masters accept from
// unknown workers, and client_ready. A master that still knows this worker would count a
// client_ready alone as a second worker.
void Worker::master_restarted() {
  if (is_leaving() || stopping_) return;
  log::runners().warn(
      "The master at {} does not answer on a new connection: it was restarted and does not know "
      "this worker, or still holds the old connection. Stopping users and registering again.",
      link_.address());
  proto::Stop stop;
  handle(stop);
}

void Worker::handle(proto::Quit&) {
  if (is_leaving()) return;
  log::runners().info("Got quit message from master, shutting down...");
  quit();
}

void Worker::interrupt() {
  if (is_leaving()) {
    events_.ending(kProcessGraceAtOnce);
    finish(0);
  } else {
    quit();
  }
}

void Worker::quit() {
  if (is_leaving()) return;
  leaving_ = Leaving::kBegun;
  ++spawn_generation_;
  scheduler_.cancel(std::exchange(ready_timer_, 0));
  events_.ending(stop_timeout_ + kProcessGrace);
  users_deadline_.set(stop_timeout_ + kUsersGrace);
  users_.stop_all(stop_timeout_, [this] {
    if (!link_.connected()) return leave();
    send_report([this] {
      const Duration left = users_deadline_.left() - kAfterTestStop;
      users_.end_test(std::max(left, Duration::zero()), [this] { leave(); });
    });
  });
}

void Worker::exit() {
  if (is_leaving()) return;
  stop_timeout_ = Duration::zero();
  quit();
}

// Reports to native masters how test code wants the run to end. Listeners of the last events may
// decide it.
void Worker::leave() {
  users_.tell_quitting([this](const ProcessEnd& end) {
    const auto gone = [this, code = end.exit_code] {
      if (link_.connected()) link_.send(proto::Quit{});
      finish(code);
    };
    const bool says_how = end.asked_for || end.uncaught;
    if (!link_.connected() || !extension_.is_understood() || !says_how) return gone();
    extension_.set_end(end);
    send_report(gone);
  });
}

// The master must not wait for users that do not stop. Their measurements since the last report are
// lost.
void Worker::leave_users_behind() {
  held_up_by_ = users_.blocked_by();
  log::runners().error(
      "The users of this worker did not stop in time; it ends without their last report{}{}",
      held_up_by_->empty() ? "" : ". They are held up by ", *held_up_by_);
  if (link_.connected()) {
    link_.send_heartbeat();  // reports the reason
    link_.send(proto::Quit{});
  }
  finish(kExitCodeUnfinished);
}

void Worker::finish(int exit_code) {
  if (std::exchange(leaving_, Leaving::kOver) == Leaving::kOver) return;
  users_deadline_.cancel();
  exceptions_.log_counts();
  log::main().info("Shutting down (exit code {})", exit_code);
  events_.finished(exit_code);
}

void Worker::handle(proto::Reconnect&) {
  log::runners().warn("Received reconnect message from master. Resetting RPC connection.");
  transport_.reconnect();
}

// Only masters that support `logs` (from 2.29.0) send this.
void Worker::handle(proto::MasterSpawningComplete&) {
  users_.all_spawned();
  logs_.begin();
}

void Worker::handle(proto::UpdateUserClass& message) {
  const std::vector<std::string> known = users_.class_names();
  if (std::find(known.begin(), known.end(), message.user_class_name) == known.end()) {
    log::runners().warn("The master changes user class '{}', which this worker does not have",
                        quoted_part(message.user_class_name));
    return;
  }
  ClassUpdate update{.class_name = message.user_class_name};
  for (auto& [key, value] : message.attributes) {
    const std::string* name = key.str();
    if (name == nullptr) continue;
    if (*name == "host") {
      if (const std::string* text = value.str()) update.host = *text;
    } else if (*name != "tasks") {
      update.attributes.emplace_back(key, std::move(value));
    } else if (value.array() != nullptr) {
      update.tasks = proto::texts_in(value);
    }
  }
  users_.update_user_class(std::move(update));
}

void Worker::send_message(const std::string& type, proto::Value data) {
  link_.send(proto::Custom{type, std::move(data)});
}

void Worker::handle(proto::Custom& message) {
  if (!registered_types_.contains(message.type)) return log_unknown(message.type);
  users_.receive(message.type, std::move(message.data));
}

// Types that only workers send, or that were not requested, are unknown here.
template <typename Other>
void Worker::handle(Other& other) {
  log_unknown(proto::type_name(proto::Payload(std::move(other))));
}

}  // namespace locust::worker
