// The half of Master that listens: what each message of a worker means (runners.py
// MasterRunner.handle_message).

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>
#include <variant>

#include "common/base/log.h"
#include "common/base/number.h"
#include "common/base/printable.h"
#include "common/stats/mask_stats.h"
#include "master/cluster/master.h"
#include "proto/codec.h"
#include "proto/node_id.h"

namespace locust::master {
namespace {

// For the version check: the stock release that our behaviour follows, and those whose messages are
// the ones we know.
constexpr std::string_view kLocustVersion = "2.47.0";
constexpr WorkerVersion kFirstKnown{2, 12};
constexpr WorkerVersion kLastKnown{2, 47};

constexpr Duration kTakeBackAfter = std::chrono::milliseconds(1500);
constexpr Duration kTakeBackInterval = std::chrono::seconds(10);
constexpr std::size_t kMaxTakenBack = 4096;
constexpr std::size_t kMaxNodesPerException = 1'000;
constexpr std::size_t kMaxClassesPerWorker = 10'000;
constexpr std::int64_t kMaxUsersOfClass = std::int64_t{1} << 30;   // on a worker
constexpr std::size_t kMaxExceptionBytes = std::size_t{64} << 10;  // of message and traceback each
constexpr std::size_t kMaxLimits = 8;
constexpr std::size_t kMaxLimitBytes = 32;
constexpr double kClockTolerance = 1;        // seconds; smaller differences are not worth a line
constexpr double kCpuWarningThreshold = 90;  // percent; runners.py CPU_WARNING_THRESHOLD

std::vector<std::string> class_names(const proto::UserClassesCount& counts) {
  std::vector<std::string> names;
  for (const auto& [name, count] : counts) {
    if (name.size() <= Master::kMaxClassNameBytes) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  if (names.size() > kMaxClassesPerWorker) names.resize(kMaxClassesPerWorker);
  return names;
}

UserCounts user_counts(const proto::UserClassesCount& counts) {
  UserCounts result;
  for (const auto& [name, count] : counts) {
    if (result.size() == kMaxClassesPerWorker) break;
    if (name.size() > Master::kMaxClassNameBytes) continue;
    result.emplace_back(name, std::clamp<std::int64_t>(count, 0, kMaxUsersOfClass));
  }
  return result;
}

bool same_names(const UserCounts& a, const UserCounts& b) {
  return std::ranges::equal(a, b, {}, &UserCounts::value_type::first,
                            &UserCounts::value_type::first);
}

std::optional<WorkerState> parse_state(std::string_view text) {
  for (const WorkerState state :
       {WorkerState::kReady, WorkerState::kSpawning, WorkerState::kRunning}) {
    if (text == to_string(state)) return state;
  }
  return std::nullopt;
}

std::size_t size_of(const proto::LocustfileReply& reply) {
  std::size_t bytes = reply.single ? reply.single->contents.size() : 0;
  if (!reply.locustfiles) return bytes;
  for (const auto& file : *reply.locustfiles) {
    if (const auto* source = std::get_if<proto::LocustfileSource>(&file)) {
      bytes += source->contents.size();
    }
  }
  return bytes;
}

// What only the worker and this master know; in a native worker's heartbeats.
std::optional<std::string_view> secret_in(const proto::Payload& payload) {
  const auto* heartbeat = std::get_if<proto::Heartbeat>(&payload);
  if (heartbeat == nullptr) return std::nullopt;
  const proto::Value* extension = proto::find(heartbeat->extra, proto::kExtensionKey);
  const proto::Value* secret = extension == nullptr ? nullptr : extension->find(proto::kSecretKey);
  if (secret == nullptr || secret->str() == nullptr) return std::nullopt;
  return *secret->str();
}

std::size_t size_of(const std::vector<proto::TaskRatio>& tasks) {
  std::size_t bytes = 0;
  for (const proto::TaskRatio& task : tasks) {
    bytes += sizeof task + task.name.size() + size_of(task.tasks);
  }
  return bytes;
}

std::size_t size_of(const proto::ClassInfo& info) {
  return sizeof info + info.name.size() + info.host.value_or("").size() + size_of(info.tasks);
}

// A traceback from the test's own first frame on: what comes before are stock's frames, which workers of
// ours do not have, and which other releases have at other lines.
std::string_view frames_of_test(std::string_view traceback) {
  constexpr std::string_view kFrame = "  File \"";
  std::string_view rest = traceback;
  while (rest.starts_with(kFrame)) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.find("/locust/user/") == std::string_view::npos) return rest;
    const std::size_t next = rest.find("\n" + std::string(kFrame));
    if (next == std::string_view::npos) break;
    rest.remove_prefix(next + 1);
  }
  return traceback;
}

}  // namespace

void Master::handle_message(std::string_view identity, std::string_view bytes) {
  auto message = proto::decode_from_worker(bytes);
  if (!message) {
    log_bad_message(identity, message.error());
    return;
  }
  // The identity is what libzmq vouches for; a worker that calls itself otherwise inside is
  // confused or lying, and must not speak for another one (PROTOCOL.md §13.13).
  if (message->node_id != identity &&
      !std::holds_alternative<proto::ClientReady>(message->payload) &&
      !std::holds_alternative<proto::LocustfileRequest>(message->payload)) {
    log_bad_message(identity,
                    "the message names another node: '" + message->node_id.substr(0, 100) + "'");
    return;
  }
  if (Worker* worker = registry_.find(identity); worker != nullptr) {
    if (worker->state() != WorkerState::kGone && !is_from(*worker, message->payload, bytes)) return;
  }
  handle_from(identity, message->payload);
}

void Master::handle_from(std::string_view identity, proto::Payload& payload) {
  Worker* worker = registry_.find(identity);
  const std::string stranger = worker == nullptr ? std::string(identity) : "";
  const std::string& id = worker == nullptr ? stranger : worker->id;
  std::visit([&](auto& data) { handle(worker, id, data); }, payload);
  check_stopped();
  check_quit();
}

// Whether the connection that brought it speaks for the worker. Of one that has just proved it,
// handles what came before.
bool Master::is_from(Worker& worker, const proto::Payload& payload, std::string_view bytes) {
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

bool Master::check_version(const std::string& id, const proto::Value& version) {
  const std::string* text = version.str();
  const bool falsy = version.is_nil() || (text != nullptr && text->empty()) ||
                     version.to_double() == 0.0 ||
                     (version.get_if<bool>() != nullptr && !*version.get_if<bool>());
  if (falsy) {
    if (bad_message_limit_.allow()) {
      log::runners().error(
          "An old (pre 2.0) worker tried to connect ({}). That's not going to work.", id);
    }
    return false;
  }
  if (version.to_double() == -1.0 || (text != nullptr && *text == kLocustVersion)) return true;
  // Stock warns of every other release than its own; here those that are known are all alike.
  const auto theirs = text ? parse_worker_version(*text) : std::nullopt;
  const bool is_known = theirs && *theirs >= kFirstKnown && *theirs <= kLastKnown;
  log::runners().log(
      is_known ? spdlog::level::debug : spdlog::level::warn,
      "A worker ({}) running a different version ({}) connected, master version is {}", id,
      text ? quoted_part(*text) : version.kind_name(), kLocustVersion);
  return true;
}

void Master::handle(Worker*, const std::string& id, const proto::ClientReady& message) {
  if (!check_version(id, message.version)) return;
  if (quitting_) {
    send(id, proto::Quit{});
    return;
  }
  const std::string* version = message.version.str();
  const Worker* known = registry_.find(id);
  const bool is_unknown = known == nullptr || known->state() == WorkerState::kGone;
  const auto [worker, is_new] =
      registry_.admit(id, version ? parse_worker_version(*version) : std::nullopt);
  if (worker == nullptr) {
    log_bad_message(id, "too many workers");
    return;
  }
  taken_back_.erase(id);
  if (is_unknown) {
    worker->connection = ConnectionGuard(proto::make_secret());
    worker->connection.adopt(transport_.connection());
  }
  // Stock workers send their version as a text; what they get is what stock's master sends.
  proto::Ack ack{.index = worker->index, .extended = version == nullptr, .extra = {}};
  if (ack.extended) ack.secret = worker->connection.secret();
  send(id, std::move(ack));
  if (!is_new) {
    log::runners().debug(
        "{} (index {}) reported as ready (duplicate message). {} workers connected.", id,
        worker->index, registry_.active_count());
    return;
  }
  if (in_test()) iteration_limit_.take_back(id);
  log::runners().info("{} (index {}) reported as ready. {} workers connected.", id, worker->index,
                      registry_.active_count());
  events_.notify(&MasterEvents::on_worker_connected, id);
  if (worker->classes_known()) include(*worker);
}

void Master::handle(Worker* worker, const std::string& id, const proto::Heartbeat& message) {
  if (worker == nullptr || worker->state() == WorkerState::kGone) {
    take_back(id);
    return;
  }
  WorkerRegistry::revive(*worker);
  events_.notify(&MasterEvents::on_heartbeat, id);
  if (worker->understands(2, 19)) send(id, proto::HeartbeatReply{});

  // Between client_stopped and client_ready a worker still says "running"; that must not bring it
  // back (§13.2).
  const auto said = parse_state(message.state);
  if (said && worker->state() != WorkerState::kStopped) {
    const bool was_missing = worker->state() == WorkerState::kMissing;
    registry_.set_state(*worker, *said);
    if (was_missing) {
      log::runners().info("Worker {} self-healed with heartbeat, setting state to {}.", id,
                          message.state);
      worker->quit_again = quitting_;
      if (worker->classes_known()) include(*worker);
    }
  }
  note_diagnosis(*worker, message);
  worker->cpu_usage = message.current_cpu_usage;
  worker->memory_usage = message.current_memory_usage.value_or(worker->memory_usage);
  if (worker->cpu_usage > kCpuWarningThreshold && !worker->cpu_warning_emitted) {
    worker->cpu_warning_emitted = true;
    worker_cpu_warning_emitted_ = true;
    log::runners().warn(
        "Worker {} (index {}) exceeded cpu threshold (will only log this once per worker)", id,
        worker->index);
  }
}

// What a worker of ours says of itself, such as that it limits the test (worker/loop/self_diagnosis.h).
void Master::note_diagnosis(Worker& worker, const proto::Heartbeat& message) {
  const proto::Value* extension = proto::find(message.extra, proto::kExtensionKey);
  if (extension == nullptr) return;
  const proto::Value* lag = extension->find("loop_lag_ms");
  const proto::Value* unfinished = extension->find("unfinished");
  if (const std::string* text = unfinished == nullptr ? nullptr : unfinished->str()) {
    note_unfinished(worker, *text);
  }
  worker.loop_lag_ms = lag == nullptr ? std::nullopt : lag->to_double();
  worker.limits.clear();
  const proto::Value* bound = extension->find("generator_bound");
  const proto::Value::Array* causes = bound == nullptr ? nullptr : bound->array();
  if (causes == nullptr || causes->empty() || !worker.in_test) return;
  std::string list;
  for (const proto::Value& cause : *causes) {
    const std::string* text = cause.str();
    if (text == nullptr || worker.limits.size() == kMaxLimits) continue;
    list += (list.empty() ? "" : ", ") + *text;
    worker.limits.push_back(text->substr(0, kMaxLimitBytes));
  }
  if (!generator_bound_.insert(worker.id).second) return;
  log::runners().warn("Worker {} (index {}) limits the test: {}", worker.id, worker.index,
                      quoted_part(list));
}

// A worker that this master does not know but that runs all the same: its master was restarted, or
// it was silent so long that it was given up. `stop` makes it end its users and report as ready
// again (§10.4); stock leaves it alone.
//
// But a worker whose connection was cut may have ended meanwhile, and what it said comes all at once
// when the connection is back. Its machine would answer a message to it with a reset, which drops all
// that has not come yet. So only who goes on for some time is asked.
void Master::take_back(const std::string& id) {
  const TimePoint now = scheduler_.clock().now();
  if (!taken_back_.contains(id) && taken_back_.size() == kMaxTakenBack) {
    std::erase_if(taken_back_, [now](const auto& entry) { return entry.second <= now; });
    if (taken_back_.size() == kMaxTakenBack) return;
  }
  const auto [it, is_new] = taken_back_.try_emplace(id, now + kTakeBackAfter);
  if (now < it->second && !(is_new && quitting_)) return;
  it->second = now + kTakeBackInterval;
  if (quitting_) {
    send(id, proto::Quit{});
    return;
  }
  log::runners().info(
      "Got heartbeat from unknown worker {}. Asking it to stop and report as ready.", id);
  send(id, proto::Stop{});
}

void Master::handle(Worker* worker, const std::string& id, proto::Stats& message) {
  if (worker == nullptr) {
    if (bad_message_limit_.allow()) {
      log::runners().info("Discarded report from unrecognized worker {}", id);
    }
    return;
  }
  // FIFO decides (checklist 54): what a worker sends between the start of a test and its first
  // `spawning` of that test still belongs to the previous one.
  const double now = clock_.wall_time();
  measure_clock(*worker, message.report.stats_total.start_time);
  if (worker->in_test) {
    worker->reported_at = scheduler_.clock().now();
    correct_times(message.report, worker->clock.correction(), test_began_.value_or(now), now);
    mask_report(message.report, *masker(), evidence_level());
    merge(message.report);
  }
  events_.notify(&MasterEvents::on_worker_report, id, message);
  if (message.extension) {
    worker->is_native |= !message.extension->user_classes.empty();
    for (proto::ClassInfo& info : message.extension->user_classes) {
      if (info.name.size() > kMaxClassNameBytes) continue;
      classes_learned_ |=
          catalog_.learn(info.name, info.weight,
                         static_cast<int>(std::clamp<std::int64_t>(info.fixed_count, 0, 1 << 30)));
      describe_class(std::move(info));
    }
  }
  if (message.extension && worker->in_test &&
      proto::find(message.extension->extra, "stop_test") != nullptr) {
    stop_for(*worker);
  }
  if (message.extension) {
    count_tasks(*worker, message.extension->extra);
    note_end_of_process(message.extension->extra);
  }
  if (!worker->active()) return;
  if (message.extension) take_files(*worker, std::move(message.extension->files));
  take_counts(*worker, message.user_classes_count);
  check_all_spawned();
  check_users_gone();
}

void Master::count_tasks(Worker& worker, const proto::Value::Map& said) {
  const proto::Value* tasks = proto::find(said, "tasks");
  const auto number = tasks == nullptr ? std::nullopt : tasks->to_int();
  if (!number) return;
  worker.counts_tasks = true;
  if (worker.in_test && *number > 0) tasks_begun_ = saturating_add(tasks_begun_, *number);
}

// How test code on a worker wants the run to end.
void Master::note_end_of_process(const proto::Value::Map& said) {
  if (!config_.as_one_process) return;
  uncaught_on_worker_ |= proto::find(said, "uncaught") != nullptr;
  const proto::Value* code = proto::find(said, "exit_code");
  const auto number = code == nullptr ? std::nullopt : code->to_int();
  if (!number || wanted_exit_code_) return;
  want_exit_code(static_cast<int>(std::clamp<std::int64_t>(*number, 0, 255)));
  events_.notify(&MasterEvents::on_worker_exit);
}

void Master::describe_class(proto::ClassInfo info) {
  const auto known = described_.find(info.name);
  const bool is_known = known != described_.end();
  const std::size_t bytes =
      described_bytes_ + size_of(info) - (is_known ? size_of(known->second) : 0);
  if (bytes > kMaxDescriptionBytes) return;
  if (is_known) {
    known->second = std::move(info);
  } else if (described_.size() < UserClassCatalog::kMaxClasses) {
    std::string name = info.name;
    described_.emplace(std::move(name), std::move(info));
  } else {
    return;
  }
  described_bytes_ = bytes;
}

void Master::merge(const StatsReport& report) {
  stats_.extend(report, clock_.wall_time());
  if (stats_.has_other_entries()) {
    limit_warnings_.reached("request names", RequestStats::kMaxEntries,
                            "the others count in the row (others); does a URL hold an id? Give "
                            "its requests a name");
  }
  if (stats_.is_full()) {
    limit_warnings_.reached("MiB of statistics", RequestStats::kMaxMemory >> 20,
                            "names that come now count in the row (others), and what else comes is "
                            "told less exactly");
  }
  if (stats_.has_other_errors()) {
    limit_warnings_.reached("kinds of failures", RequestStats::kMaxErrors,
                            "the others count as (others)");
  }
}

// What was assumed of a worker that had not reported is corrected by its first report. The others
// nearly always say the same again.
void Master::take_counts(Worker& worker, const proto::UserClassesCount& counts) {
  const bool first_report = !worker.loaded_classes;
  const bool other_names = first_report || !same_names(worker.user_classes_count(), counts);
  if (worker.user_classes_count() != counts && !set_counts(worker, counts)) return;
  if (!other_names) return;
  worker.classes_assumed = false;
  worker.loaded_classes = class_names(counts);
  for (const std::string& name : *worker.loaded_classes) {
    classes_learned_ |= catalog_.learn(name, std::nullopt, std::nullopt);
  }
  if (first_report) include(worker);
}

bool Master::set_counts(Worker& worker, const proto::UserClassesCount& counts) {
  if (registry_.set_user_classes_count(worker, user_counts(counts))) return true;
  log_bad_message(worker.id, "the names of its user classes do not fit into the memory for them");
  return false;
}

// Told once after each ack.
void Master::take_files(Worker& worker, FileDigests files) {
  if (files.empty()) return;
  worker.files = file_comparison_.keep(std::move(files));
  if (in_test() && file_comparison_.add(worker))
    log::runners().warn("{}", file_comparison_.to_text());
}

void Master::measure_clock(Worker& worker, double start_time) {
  worker.clock.observe(start_time, clock_.wall_time());
  if (std::abs(start_time) < ClockOffset::kAbsurd) worker.reported_time = start_time;
  if (worker.clock.correction() == 0 || std::abs(clock_ahead(worker)) < kClockTolerance) return;
  if (std::exchange(worker.clock_warning_emitted, true)) return;
  log::runners().warn(
      "The clock of worker {} (index {}) is {:.1f} s {} this master's; the times it reports are "
      "corrected (will only log this once per worker)",
      worker.id, worker.index, std::abs(clock_ahead(worker)),
      clock_ahead(worker) > 0 ? "ahead of" : "behind");
}

// Of the machine's clocks. Where this machine's was set during the test and the worker's with it, the
// worker's is off only by the time of the test.
double Master::clock_ahead(const Worker& worker) const {
  const double of_test = worker.clock.ahead();
  const double of_machine = of_test - clock_.drift();
  return std::abs(of_machine) < std::abs(of_test) ? of_machine : of_test;
}

// Its test code ends the test.
void Master::stop_for(const Worker& worker) {
  if (quitting_ || (state_ != MasterState::kSpawning && state_ != MasterState::kRunning)) return;
  log::runners().info("Worker {} (index {}) asks to end the test", worker.id, worker.index);
  events_.notify(&MasterEvents::on_stop_test);
}

void Master::handle(Worker* worker, const std::string& id, const proto::Spawning&) {
  if (worker == nullptr || worker->state() == WorkerState::kGone) {
    if (bad_message_limit_.allow()) {
      log::runners().warn("Got spawning message from unknown worker {}. Asking worker to quit.",
                          id);
    }
    send(id, proto::Quit{});
    return;
  }
  // With the first order of a test it has cleared its statistics.
  if (!std::exchange(worker->in_test, true)) {
    worker->clock.reset_at(clock_.wall_time());
  }
  if (worker->active()) registry_.set_state(*worker, WorkerState::kSpawning);
}

void Master::handle(Worker* worker, const std::string& id, const proto::SpawningComplete& message) {
  if (worker == nullptr || !worker->active()) {
    log::runners().debug("Ignored spawning_complete from {}, which takes no part in the test", id);
    return;
  }
  registry_.set_state(*worker, WorkerState::kRunning);
  set_counts(*worker, message.user_classes_count);
  check_all_spawned();
}

void Master::handle(Worker* worker, const std::string& id, const proto::ClientStopped&) {
  if (worker == nullptr || worker->state() == WorkerState::kGone) {
    if (bad_message_limit_.allow()) {
      log::runners().warn("Received client_stopped message from an unknown worker: {}.", id);
    }
    return;
  }
  if (worker->active()) note_loss(*worker, WorkerLoss::Kind::kStopped);
  registry_.set_state(*worker, WorkerState::kStopped);
  worker->stop_pending = false;
  WorkerRegistry::revive(*worker);
  log::runners().info("{} (index {}) reported that it has stopped", id, worker->index);
  exclude(*worker);
  redistribute();
}

void Master::handle(Worker* worker, const std::string& id, const proto::Exception& message) {
  if (worker == nullptr || !worker->in_test) return;  // of a previous test, as for reports
  std::string traceback = message.traceback.value_or("").substr(0, kMaxExceptionBytes);
  auto it = exception_index_.find(std::string(frames_of_test(traceback)));
  if (it == exception_index_.end()) {  // a known one, which nearly all are, holds no secret
    traceback = masked(traceback, TextKind::kLine, traceback.size() == kMaxExceptionBytes);
    it = exception_index_.find(std::string(frames_of_test(traceback)));
  }
  if (it == exception_index_.end()) {
    if (exceptions_.size() == kMaxExceptions) {
      limit_warnings_.reached("kinds of exceptions", kMaxExceptions, "the others are left out");
      return;
    }
    std::string msg = masked_head(message.msg, kMaxExceptionBytes);
    std::string key(frames_of_test(traceback));
    const std::size_t bytes = msg.size() + traceback.size() + key.size();
    if (exceptions_bytes_ + bytes > kMaxExceptionsBytes) {
      limit_warnings_.reached("MiB of exceptions", kMaxExceptionsBytes >> 20,
                              "the others are left out");
      return;
    }
    exceptions_bytes_ += bytes;
    it = exception_index_.emplace(std::move(key), exceptions_.size()).first;
    exceptions_.push_back({.msg = std::move(msg), .traceback = traceback, .count = 0, .nodes = {}});
  }
  ExceptionView& exception = exceptions_[it->second];
  ++exception.count;
  if (exception.nodes.size() == kMaxNodesPerException ||
      exceptions_bytes_ + id.size() > kMaxExceptionsBytes) {
    return;
  }
  if (exception.nodes.insert(id).second) exceptions_bytes_ += id.size();
}

// A message brings the worker's whole memory of its log, which replaces what was known.
void Master::handle(Worker* worker, const std::string& id, const proto::Logs& message) {
  if (worker != nullptr) worker_logs_.take(id, message.logs);
}

// Each asks once a second until it is answered, so that who is left out here asks again.
void Master::handle(Worker*, const std::string& id, const proto::LocustfileRequest& message) {
  const bool can_run_it = message.extended || !config_.is_scenario;
  if (config_.locustfile && can_run_it && !config_.locustfile->error) {
    const std::size_t bytes = 1 + size_of(*config_.locustfile);
    const std::size_t affordable = kMaxLocustfileBytes / bytes;
    if (locustfile_replies_ >= std::clamp<std::size_t>(affordable, 1, kMaxLocustfileReplies))
      return;
    if (!replies_on_their_way_.may_send(id, bytes)) return;
    ++locustfile_replies_;
    log::runners().debug("Sending the locustfile to {}", id);
    replies_on_their_way_.sent(
        id, bytes, transport_.send_watched(id, proto::encode({*config_.locustfile, id})));
    return;
  }
  proto::LocustfileReply reply;
  if (!config_.locustfile) {
    reply.error =
        "this master has no test to send; give it one with -f FILE, or start the worker with -f "
        "FILE";
  } else if (!can_run_it) {
    reply.error =
        "this master has a YAML scenario, which stock workers cannot run; start locust-worker -f - "
        "(locust-cpp) instead, or give this worker a Python file with -f FILE";
  } else {
    reply.error = config_.locustfile->error;
  }
  if (bad_message_limit_.allow()) {
    log::runners().error("{} asked for the locustfile: {}", id, *reply.error);
  }
  send(id, std::move(reply));
}

void Master::handle(Worker* worker, const std::string& id, const proto::Quit&) {
  if (worker == nullptr || worker->state() == WorkerState::kGone) return;
  const bool counted = worker->active();
  worker->delivered = !worker->unfinished;
  if (counted) note_loss(*worker, WorkerLoss::Kind::kQuit);
  registry_.set_state(*worker, WorkerState::kGone);
  log::runners().info("Worker '{}' (index {}) quit. {} workers ready.", id, worker->index,
                      registry_.count(WorkerState::kReady));
  exclude(*worker);
  redistribute();
  if (counted) check_last_worker("quit");
}

void Master::register_message(const std::string& type, CustomHandler handler) {
  custom_handlers_[type] = std::move(handler);
}

void Master::send_message(const std::string& type, const proto::Value& data,
                          const std::string& id) {
  for (const Worker* worker : registry_.present()) {
    if (id.empty() || id == worker->id) send(worker->id, proto::Custom{type, data});
  }
}

void Master::handle(Worker* worker, const std::string& id, const proto::Custom& message) {
  if (const auto handler = custom_handlers_.find(message.type); handler != custom_handlers_.end()) {
    handler->second(id, message.data);
    return;
  }
  if (!bad_message_limit_.allow()) return;
  log::runners().warn("Unknown message type received from worker {} (index {}): {}", id,
                      worker ? std::to_string(worker->index) : "unknown",
                      quoted_part(message.type));
}

// Types that only a master sends are unknown ones when a worker sends them.
template <typename Other>
void Master::handle(Worker*, const std::string& id, const Other&) {
  log_bad_message(id, "a message that only a master sends");
}

}  // namespace locust::master
