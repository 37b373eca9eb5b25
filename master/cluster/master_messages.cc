// The half of Master that receives: handles each message of a worker (runners.py
// MasterRunner.handle_message).

#include <algorithm>
#include <utility>
#include <variant>

#include "common/base/log.h"
#include "common/base/printable.h"
#include "master/cluster/master.h"
#include "master/cluster/worker_versions.h"
#include "proto/codec.h"
#include "proto/node_id.h"
#include "proto/texts.h"

namespace locust::master {
namespace {

std::optional<WorkerState> parse_state(std::string_view text) {
  for (const WorkerState state :
       {WorkerState::kReady, WorkerState::kSpawning, WorkerState::kRunning}) {
    if (text == to_string(state)) return state;
  }
  return std::nullopt;
}

// The secret that only the worker and this master know; in a native worker's heartbeats.
std::optional<std::string_view> secret_in(const proto::Payload& payload) {
  const auto* heartbeat = std::get_if<proto::Heartbeat>(&payload);
  if (heartbeat == nullptr) return std::nullopt;
  if (!heartbeat->extension || heartbeat->extension->secret.empty()) return std::nullopt;
  return heartbeat->extension->secret;
}

}  // namespace

void Master::handle_message(std::string_view identity, std::string_view bytes) {
  auto message = proto::decode_from_worker(bytes);
  if (!message) {
    log_bad_message(identity, message.error());
    return;
  }
  // libzmq guarantees the identity. A worker with another id in its messages is broken or hostile,
  // and must not speak for another one (docs/protocol.md §13.13).
  if (message->node_id != identity &&
      !std::holds_alternative<proto::ClientReady>(message->payload) &&
      !std::holds_alternative<proto::LocustfileRequest>(message->payload)) {
    log_bad_message(identity,
                    "the message names another node: '" + message->node_id.substr(0, 100) + "'");
    return;
  }
  if (WorkerNode* worker = presence_.registry().find(identity); worker != nullptr) {
    if (worker->state() != WorkerState::kGone && !is_from(*worker, message->payload, bytes)) return;
  }
  handle_from(identity, message->payload);
}

void Master::handle_from(std::string_view identity, proto::Payload& payload) {
  WorkerNode* worker = presence_.registry().find(identity);
  const std::string stranger = worker == nullptr ? std::string(identity) : "";
  const std::string& id = worker == nullptr ? stranger : worker->id;
  std::visit([&](auto& data) { handle(worker, id, data); }, payload);
  shutdown_.check();
}

// Whether the message's connection belongs to the worker. If it has just proved that, handles the
// messages that were held back until then.
bool Master::is_from(WorkerNode& worker, const proto::Payload& payload, std::string_view bytes) {
  const proto::Connection& connection = transport_.connection();
  if (!worker.connection.accepts(connection, secret_in(payload),
                                 worker.state() == WorkerState::kMissing)) {
    if (!worker.connection.hold(connection, bytes)) {
      log_bad_message(worker.id, "another connection claims to be this worker's");
    }
    return false;
  }
  for (const std::string& held : worker.connection.take_held()) {
    if (auto message = proto::decode_from_worker(held)) handle_from(worker.id, message->payload);
  }
  return true;
}

void Master::log_bad_message(std::string_view identity, std::string_view what) {
  if (!bad_message_limit_.allow()) return;
  log::runners().error(
      "Unrecognized message detected: {} from {}{}", printable(what),
      identity.empty() ? "unknown" : printable(identity),
      bad_message_limit_.suppressed() > 0
          ? fmt::format(" ({} more were not logged)", bad_message_limit_.suppressed())
          : "");
}

// ---- Workers that join ----

bool Master::check_version(const std::string& id, const proto::Value& version) {
  const VersionVerdict verdict = judge_version(version);
  if (verdict == VersionVerdict::kTooOld) {
    if (bad_message_limit_.allow()) {
      log::runners().error(
          "An old (pre 2.0) worker tried to connect ({}). That's not going to work.", id);
    }
    return false;
  }
  if (verdict == VersionVerdict::kSame) return true;
  const std::string* text = version.str();
  log::runners().log(
      verdict == VersionVerdict::kKnown ? spdlog::level::debug : spdlog::level::warn,
      "A worker ({}) running a different version ({}) connected, master version is {}", id,
      text != nullptr ? quoted_part(*text) : version.kind_name(), kLocustVersion);
  return true;
}

void Master::handle(WorkerNode*, const std::string& id, const proto::ClientReady& message) {
  if (!check_version(id, message.version)) return;
  if (quitting()) {
    send(id, proto::Quit{});
    return;
  }
  const std::string* version = message.version.str();
  const WorkerNode* known = presence_.registry().find(id);
  const bool is_unknown = known == nullptr || known->state() == WorkerState::kGone;
  const auto [worker, is_new] =
      presence_.registry().admit(id, version ? parse_worker_version(*version) : std::nullopt);
  if (worker == nullptr) {
    log_bad_message(id, "too many workers");
    return;
  }
  presence_.forget_stranger(id);
  if (is_unknown) {
    worker->connection = ConnectionGuard(proto::make_secret());
    worker->connection.adopt(transport_.connection());
  }
  // Stock workers send their version as a text. They get what stock's master sends.
  proto::Ack ack{.index = worker->index, .extended = version == nullptr, .extra = {}};
  if (ack.extended) ack.secret = worker->connection.secret();
  send(id, std::move(ack));
  if (!is_new) {
    log::runners().debug(
        "{} (index {}) reported as ready (duplicate message). {} workers connected.", id,
        worker->index, registry().active_count());
    return;
  }
  if (in_test()) rollout_.worker_starts_anew(id);
  log::runners().info("{} (index {}) reported as ready. {} workers connected.", id, worker->index,
                      registry().active_count());
  events_.notify(&MasterEvents::on_worker_connected, id);
  if (worker->classes_known()) include(*worker);
}

// A running worker that this master does not know.
void Master::answer_stranger(const std::string& id) {
  using FirstWords = Presence::FirstWords;
  if (!presence_.answers_stranger(id, quitting() ? FirstWords::kAnswer : FirstWords::kWait)) return;
  if (quitting()) {
    send(id, proto::Quit{});
    return;
  }
  log::runners().info(
      "Got heartbeat from unknown worker {}. Asking it to stop and report as ready.", id);
  send(id, proto::Stop{});
}

// ---- Connected workers ----

void Master::handle(WorkerNode* worker, const std::string& id, const proto::Heartbeat& message) {
  if (worker == nullptr || worker->state() == WorkerState::kGone) {
    answer_stranger(id);
    return;
  }
  WorkerRegistry::revive(*worker);
  events_.notify(&MasterEvents::on_heartbeat, id);
  if (worker->understands(2, 19)) send(id, proto::HeartbeatReply{});

  // Between client_stopped and client_ready a worker still reports "running", which must not make
  // it active again (docs/protocol.md §13.2).
  const auto said = parse_state(message.state);
  if (said && worker->state() != WorkerState::kStopped) {
    const bool was_missing = worker->state() == WorkerState::kMissing;
    presence_.registry().set_state(*worker, *said);
    if (was_missing) {
      log::runners().info("Worker {} self-healed with heartbeat, setting state to {}.", id,
                          message.state);
      shutdown_.worker_returned(*worker);
      if (worker->classes_known()) include(*worker);
    }
  }
  if (message.extension) take_diagnosis(*worker, *message.extension);
  worker->cpu_usage = message.current_cpu_usage;
  worker->memory_usage = message.current_memory_usage.value_or(worker->memory_usage);
  results_.take_cpu_usage(*worker);
}

// A native worker's measurements of itself, such as that it limits the test
// (worker/loop/self_diagnosis.h).
void Master::take_diagnosis(WorkerNode& worker, const proto::HeartbeatExtension& diagnosis) {
  if (diagnosis.unfinished) results_.note_unfinished(worker, *diagnosis.unfinished);
  worker.loop_lag_ms = diagnosis.loop_lag_ms;
  results_.take_limits(worker, diagnosis.generator_bound);
}

void Master::handle(WorkerNode* worker, const std::string& id, proto::Stats& message) {
  if (worker == nullptr) {
    if (bad_message_limit_.allow()) {
      log::runners().info("Discarded report from unrecognized worker {}", id);
    }
    return;
  }
  presence_.measure_clock(*worker, message.report.stats_total.start_time);
  results_.take_report(*worker, message.report);
  events_.notify(&MasterEvents::on_worker_report, id, message);
  if (message.extension) take_extension(*worker, *message.extension);
  if (!worker->active()) return;
  if (message.extension) {
    results_.take_files(*worker, std::move(message.extension->files),
                        in_test() ? TestResults::Test::kOn : TestResults::Test::kOff);
  }
  take_counts(*worker, message.user_classes_count);
  rollout_.check_all_spawned();
  if (rollout_.users_gone()) events_.notify(&MasterEvents::on_users_gone);
}

// What a native worker's report has in addition to its statistics.
void Master::take_extension(WorkerNode& worker, proto::StatsExtension& extension) {
  worker.is_native |= !extension.user_classes.empty();
  for (proto::ClassInfo& info : extension.user_classes) {
    if (info.name.size() > kMaxClassNameBytes) continue;
    const auto fixed_count =
        static_cast<int>(std::clamp<std::int64_t>(info.fixed_count, 0, 1 << 30));
    if (catalog_.learn(info.name, info.weight, fixed_count)) rollout_.class_learned();
    classes_.describe(std::move(info));
  }
  // A step or test code on the worker ends the test.
  if (worker.in_test && in_test() && extension.stop_test) {
    log::runners().info("Worker {} (index {}) asks to end the test", worker.id, worker.index);
    events_.notify(&MasterEvents::on_stop_test);
  }
  if (extension.tasks) results_.count_tasks(worker, *extension.tasks);
  if (wanted_exit_.take(extension)) events_.notify(&MasterEvents::on_worker_exit);
}

// A worker's first report replaces what was assumed of it. Later ones nearly always have the same
// names.
void Master::take_counts(WorkerNode& worker, const UserCounts& counts) {
  const bool first_report = !worker.loaded_classes;
  const bool other_names = first_report || !same_names(worker.user_classes_count(), counts);
  if (worker.user_classes_count() != counts && !set_counts(worker, counts)) return;
  if (!other_names) return;
  worker.classes_assumed = false;
  worker.loaded_classes = class_names(counts);
  for (const std::string& name : *worker.loaded_classes) {
    if (catalog_.learn(name, std::nullopt, std::nullopt)) rollout_.class_learned();
  }
  if (first_report) include(worker);
}

bool Master::set_counts(WorkerNode& worker, const UserCounts& counts) {
  if (presence_.registry().set_user_classes_count(worker, bounded_counts(counts))) return true;
  log_bad_message(worker.id, "the names of its user classes do not fit into the memory for them");
  return false;
}

void Master::handle(WorkerNode* worker, const std::string& id, const proto::Spawning&) {
  if (worker == nullptr || worker->state() == WorkerState::kGone) {
    if (bad_message_limit_.allow()) {
      log::runners().warn("Got spawning message from unknown worker {}. Asking worker to quit.",
                          id);
    }
    send(id, proto::Quit{});
    return;
  }
  results_.worker_takes_part(*worker);
  if (worker->active()) presence_.registry().set_state(*worker, WorkerState::kSpawning);
}

void Master::handle(WorkerNode* worker, const std::string& id,
                    const proto::SpawningComplete& message) {
  if (worker == nullptr || !worker->active()) {
    log::runners().debug("Ignored spawning_complete from {}, which takes no part in the test", id);
    return;
  }
  presence_.registry().set_state(*worker, WorkerState::kRunning);
  set_counts(*worker, message.user_classes_count);
  rollout_.check_all_spawned();
}

void Master::handle(WorkerNode* worker, const std::string&, const proto::Exception& message) {
  if (worker == nullptr) return;
  results_.take_exception(*worker, message.msg, message.traceback.value_or(""));
}

// A message has all log lines that the worker keeps, and replaces the ones before.
void Master::handle(WorkerNode* worker, const std::string& id, const proto::Logs& message) {
  if (worker != nullptr) worker_logs_.take(id, message.logs);
}

void Master::handle(WorkerNode*, const std::string& id, const proto::LocustfileRequest& message) {
  const auto refusal = locustfiles_.answer(id, message);
  if (refusal && bad_message_limit_.allow()) {
    log::runners().error("{} asked for the locustfile: {}", id, *refusal);
  }
}

// ---- Workers that leave ----

void Master::handle(WorkerNode* worker, const std::string& id, const proto::ClientStopped&) {
  if (worker == nullptr || worker->state() == WorkerState::kGone) {
    if (bad_message_limit_.allow()) {
      log::runners().warn("Received client_stopped message from an unknown worker: {}.", id);
    }
    return;
  }
  // One that was ordered to stop may answer after the next test has begun.
  if (worker->active() && !worker->stop_pending) note_loss(*worker, WorkerLoss::Kind::kStopped);
  presence_.registry().set_state(*worker, WorkerState::kStopped);
  worker->stop_pending = false;
  WorkerRegistry::revive(*worker);
  log::runners().info("{} (index {}) reported that it has stopped", id, worker->index);
  exclude(*worker);
  rollout_.redistribute();
}

void Master::handle(WorkerNode* worker, const std::string& id, const proto::Quit&) {
  if (worker == nullptr || worker->state() == WorkerState::kGone) return;
  const bool counted = worker->active();
  if (worker->last_report == LastReport::kDue) worker->last_report = LastReport::kSent;
  if (counted) note_loss(*worker, WorkerLoss::Kind::kQuit);
  presence_.registry().set_state(*worker, WorkerState::kGone);
  log::runners().info("Worker '{}' (index {}) quit. {} workers ready.", id, worker->index,
                      registry().count(WorkerState::kReady));
  exclude(*worker);
  rollout_.redistribute();
  if (counted) check_last_worker("quit");
}

// ---- Others ----

void Master::handle(WorkerNode* worker, const std::string& id, const proto::Custom& message) {
  if (const auto handler = custom_handlers_.find(message.type); handler != custom_handlers_.end()) {
    handler->second(id, message.data);
    return;
  }
  if (!bad_message_limit_.allow()) return;
  log::runners().warn("Unknown message type received from worker {} (index {}): {}", id,
                      worker ? std::to_string(worker->index) : "unknown",
                      quoted_part(message.type));
}

// Messages of types that only a master sends.
template <typename Other>
void Master::handle(WorkerNode*, const std::string& id, const Other&) {
  log_bad_message(id, "a message that only a master sends");
}

}  // namespace locust::master
