#include "master/cluster/worker_registry.h"

#include <algorithm>
#include <charconv>

namespace locust::master {

std::string_view to_string(WorkerState state) {
  switch (state) {
    case WorkerState::kReady:
      return "ready";
    case WorkerState::kSpawning:
      return "spawning";
    case WorkerState::kRunning:
      return "running";
    case WorkerState::kMissing:
      return "missing";
    case WorkerState::kStopped:
      return "stopped";
    case WorkerState::kGone:
      return "gone";
  }
  return "";
}

std::optional<WorkerVersion> parse_worker_version(std::string_view text) {
  WorkerVersion version{};
  const char* const end = text.data() + text.size();
  const auto [dot, major_ec] = std::from_chars(text.data(), end, version.major);
  if (major_ec != std::errc{} || dot == end || *dot != '.') return std::nullopt;
  const auto [rest, minor_ec] = std::from_chars(dot + 1, end, version.minor);
  if (minor_ec != std::errc{} || version.major < 0 || version.minor < 0) return std::nullopt;
  return version;
}

WorkerRegistry::Admission WorkerRegistry::admit(std::string_view id,
                                                std::optional<WorkerVersion> version) {
  WorkerNode* worker = find(id);
  if (worker == nullptr) {
    if (by_id_.size() >= kMaxWorkers && !make_room()) return {.worker = nullptr, .is_new = false};
    auto record = std::make_unique<WorkerNode>(std::string(id), next_index_++);
    worker = record.get();
    ++count_of_state_[static_cast<std::size_t>(worker->state())];
    by_id_.emplace(worker->id, worker);
    workers_.emplace(worker->index, std::move(record));
  }
  revive(*worker);
  worker->version = version;
  const bool is_new = !worker->active();
  if (is_new) {
    set_state(*worker, WorkerState::kReady);
    worker->seconds_without_report = 0;
    if (worker->last_report == LastReport::kSent) worker->last_report = LastReport::kDue;
  }
  worker->stop_pending = false;
  return {worker, is_new};
}

bool WorkerRegistry::make_room() {
  const auto gone = std::find_if(workers_.begin(), workers_.end(), [](const auto& entry) {
    return entry.second->state() == WorkerState::kGone;
  });
  if (gone == workers_.end()) return false;
  --count_of_state_[static_cast<std::size_t>(WorkerState::kGone)];
  class_bytes_ -= gone->second->class_bytes_;
  by_id_.erase(gone->second->id);
  workers_.erase(gone);
  return true;
}

WorkerNode* WorkerRegistry::find(std::string_view id) {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

WorkerRegistry::Absences WorkerRegistry::tick() {
  Absences absences;
  for (const auto& [index, worker] : workers_) {
    const bool missing = worker->state() == WorkerState::kMissing;
    if (worker->state() == WorkerState::kGone) continue;
    if (missing && worker->liveness <= kHeartbeatDead) {
      set_state(*worker, WorkerState::kGone);
      absences.gone.push_back(worker.get());
    } else if (worker->liveness < 0 && !missing) {
      set_state(*worker, WorkerState::kMissing);
      absences.missing.push_back(worker.get());
    } else {
      --worker->liveness;
    }
  }
  return absences;
}

void WorkerRegistry::set_state(WorkerNode& worker, WorkerState state) {
  --count_of_state_[static_cast<std::size_t>(worker.state_)];
  worker.state_ = state;
  ++count_of_state_[static_cast<std::size_t>(state)];
  if (!worker.active()) store(worker, {});
  if (state == WorkerState::kGone) worker.files = nullptr;
}

bool WorkerRegistry::set_user_classes_count(WorkerNode& worker, UserCounts counts) {
  std::size_t bytes = 0;
  for (const auto& entry : counts) bytes += sizeof entry + entry.first.size();
  const std::size_t others = class_bytes_ - worker.class_bytes_;
  if (others + bytes > kMaxClassBytes) return false;
  class_bytes_ = others + bytes;
  worker.class_bytes_ = bytes;
  store(worker, std::move(counts));
  return true;
}

void WorkerRegistry::store(WorkerNode& worker, UserCounts counts) {
  worker.user_classes_count_ = std::move(counts);
  user_count_ -= worker.user_count_;
  worker.user_count_ = 0;
  for (const auto& [name, count] : worker.user_classes_count_) worker.user_count_ += count;
  user_count_ += worker.user_count_;
}

std::map<std::string, std::int64_t, std::less<>> WorkerRegistry::user_classes_count() const {
  std::map<std::string, std::int64_t, std::less<>> sum;
  for (const auto& [index, worker] : workers_) {
    if (!worker->active()) continue;
    for (const auto& [name, count] : worker->user_classes_count()) sum[name] += count;
  }
  return sum;
}

}  // namespace locust::master
