#include "master/dispatcher.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

namespace locust::master {

UsersDispatcher::UsersDispatcher(std::vector<DispatchWorker> workers,
                                 std::vector<UserClass> user_classes)
    : user_classes_(std::move(user_classes)) {
  std::sort(user_classes_.begin(), user_classes_.end(),
            [](const UserClass& a, const UserClass& b) { return a.name < b.name; });
  class_names_.reserve(user_classes_.size());
  for (const UserClass& user_class : user_classes_) {
    selection_.push_back(static_cast<std::uint32_t>(class_names_.size()));
    class_names_.push_back(user_class.name);
  }
  class_sets_.emplace_back(class_names_.size(), true);
  workers_.reserve(workers.size());
  for (DispatchWorker& worker : workers) {
    const std::uint32_t set = class_set(worker.loaded_classes);
    workers_.push_back({std::move(worker.id), set});
  }
  sort_workers();
  reset_rows();
  restart_users();
}

// ---- The cycle ----

void UsersDispatcher::new_dispatch(int target_user_count, double spawn_rate,
                                   const std::optional<std::vector<std::string>>& user_classes) {
  redistribute_if_due();  // with the selection that was in force when workers came or went
  if (user_classes) select(*user_classes);
  target_user_count_ = std::max(target_user_count, 0);
  constexpr double kMax = std::numeric_limits<int>::max();
  user_count_per_dispatch_iteration_ =
      spawn_rate >= 1 ? static_cast<int>(std::min(std::floor(spawn_rate), kMax)) : 1;
  wait_between_dispatch_ = seconds(user_count_per_dispatch_iteration_ / spawn_rate);
  current_user_count_ = dispatched_user_count_;
  no_user_to_spawn_ = false;
  phase_ = Phase::kBegun;
}

bool UsersDispatcher::next() {
  redistribute_if_due();
  switch (phase_) {
    case Phase::kBegun:
      if (redistribution_step(Phase::kRedistributed)) return true;
      if (current_user_count_ != target_user_count_) return ramp_step();
      phase_ = Phase::kUnchanged;
      return true;
    case Phase::kStepped:
      return redistribution_step(Phase::kSteppedRedistributed) || ramp_step();
    case Phase::kRedistributed:
    case Phase::kSteppedRedistributed:
      return ramp_step();
    case Phase::kUnchanged:
    case Phase::kOver:
      return end_cycle();
  }
  return false;
}

Duration UsersDispatcher::wait_before_next() const {
  return phase_ == Phase::kStepped && !ramp_complete() ? wait_between_dispatch_ : Duration::zero();
}

bool UsersDispatcher::ramp_complete() const {
  if (phase_ == Phase::kBegun) return false;
  if (current_user_count_ < target_user_count_) return no_user_to_spawn_;
  return current_user_count_ == target_user_count_ || active_users_.empty();
}

bool UsersDispatcher::redistribution_step(Phase then) {
  if (!rebalance_) return false;
  rebalance_ = false;
  phase_ = then;
  return true;
}

bool UsersDispatcher::ramp_step() {
  phase_ = Phase::kStepped;
  if (ramp_complete()) return end_cycle();
  if (current_user_count_ < target_user_count_) {
    add_users_on_workers();
  } else {
    remove_users_from_workers();
  }
  return true;
}

bool UsersDispatcher::end_cycle() {
  phase_ = Phase::kOver;
  return false;
}

void UsersDispatcher::add_users_on_workers() {
  const int step =
      std::min(user_count_per_dispatch_iteration_, target_user_count_ - current_user_count_);
  for (int i = 0; i < step; ++i) {
    if (!start_user()) {
      no_user_to_spawn_ = true;
      return;
    }
    ++current_user_count_;
  }
}

void UsersDispatcher::remove_users_from_workers() {
  const int step =
      std::min(user_count_per_dispatch_iteration_, current_user_count_ - target_user_count_);
  for (int i = 0; i < step && !active_users_.empty(); ++i) {
    const ActiveUser user = active_users_.back();
    active_users_.pop_back();
    --counts_[user.row * class_names_.size() + user.column];
    --class_counts_[user.column];
    --dispatched_user_count_;
    --current_user_count_;
    try_dispatch_fixed_ = true;
  }
}

bool UsersDispatcher::start_user() {
  const std::optional<std::uint32_t> column = next_user();
  if (!column) return false;
  const std::uint32_t row = worker_cycle_.take(*column);
  ++counts_[row * class_names_.size() + *column];
  ++class_counts_[*column];
  ++dispatched_user_count_;
  active_users_.push_back({row, *column});
  return true;
}

// dispatch.py _user_gen: users of fixed count before those by weight. A batch of them is handed out
// to its end once begun; whether more are missing is asked again only after users were stopped or
// distributed anew.
std::optional<std::uint32_t> UsersDispatcher::next_user() {
  if (fixed_users_left_ == 0 && try_dispatch_fixed_) {
    try_dispatch_fixed_ = false;
    begin_fixed_batch();
  }
  if (fixed_users_left_ == 0) return weighted_users_.next();
  --fixed_users_left_;
  return fixed_users_.next();
}

void UsersDispatcher::begin_fixed_batch() {
  std::vector<KlSequence::Item> missing;
  for (const std::uint32_t column : selection_) {
    const int fixed_count = user_classes_[column].fixed_count;
    if (fixed_count <= class_counts_[column] || !worker_cycle_.has(column)) continue;
    const int count = fixed_count - class_counts_[column];
    missing.push_back({column, static_cast<double>(count)});
    fixed_users_left_ += count;
  }
  fixed_users_ = KlSequence(missing);
}

void UsersDispatcher::restart_users() {
  std::vector<KlSequence::Item> weighted;
  for (const std::uint32_t column : selection_) {
    const UserClass& user_class = user_classes_[column];
    if (user_class.fixed_count != 0 || !worker_cycle_.has(column)) continue;
    weighted.push_back({column, user_class.weight});
  }
  weighted_users_ = KlSequence(weighted);
  fixed_users_left_ = 0;
}

// ---- Workers ----

void UsersDispatcher::add_worker(std::string id,
                                 std::optional<std::vector<std::string>> loaded_classes) {
  const std::uint32_t set = class_set(loaded_classes);
  const auto known = std::find_if(workers_.begin(), workers_.end(),
                                  [&](const Worker& worker) { return worker.id == id; });
  if (known != workers_.end()) {
    known->class_set = set;
  } else {
    workers_.push_back({std::move(id), set});
    sort_workers();
  }
  rebalance_ = redistribution_due_ = true;
}

void UsersDispatcher::remove_worker(std::string_view id) {
  const bool last = workers_.size() == 1 && workers_.front().id == id;
  if (last) redistribute_if_due();  // from now on there is nobody to distribute to
  std::erase_if(workers_, [&](const Worker& worker) { return worker.id == id; });
  if (!workers_.empty()) rebalance_ = redistribution_due_ = true;
}

// dispatch.py _sort_workers: first one worker of every host, then the second one of every host …
void UsersDispatcher::sort_workers() {
  std::sort(workers_.begin(), workers_.end(),
            [](const Worker& a, const Worker& b) { return a.id < b.id; });
  std::unordered_map<std::string_view, std::size_t> workers_per_host;
  workers_per_host.reserve(workers_.size());
  std::vector<std::pair<std::size_t, std::size_t>> order;  // index within host, position by id
  order.reserve(workers_.size());
  for (const Worker& worker : workers_) {
    const std::string_view host = std::string_view(worker.id).substr(0, worker.id.find('_'));
    order.emplace_back(workers_per_host[host]++, order.size());
  }
  std::sort(order.begin(), order.end());
  std::vector<Worker> sorted;
  sorted.reserve(workers_.size());
  for (const auto& [index_within_host, position] : order) {
    sorted.push_back(std::move(workers_[position]));
  }
  workers_ = std::move(sorted);
}

// dispatch.py _prepare_rebalance and _distribute_users: as if all users were started from zero.
void UsersDispatcher::redistribute_if_due() {
  if (!redistribution_due_) return;
  redistribution_due_ = false;
  reset_rows();
  try_dispatch_fixed_ = true;
  restart_users();
  while (dispatched_user_count_ < current_user_count_ && start_user()) {
  }
}

void UsersDispatcher::reset_rows() {
  row_ids_.resize(workers_.size());
  row_class_sets_.resize(workers_.size());
  for (std::size_t row = 0; row < workers_.size(); ++row) {
    row_ids_[row] = workers_[row].id;
    row_class_sets_[row] = workers_[row].class_set;
  }
  counts_.assign(workers_.size() * class_names_.size(), 0);
  class_counts_.assign(class_names_.size(), 0);
  active_users_.clear();
  dispatched_user_count_ = 0;
  worker_cycle_ = WorkerCycle(row_class_sets_, class_sets_, class_names_.size());
}

std::span<const std::int32_t> UsersDispatcher::counts(std::size_t row) const {
  return std::span(counts_).subspan(row * class_names_.size(), class_names_.size());
}

bool UsersDispatcher::has_loaded(std::size_t row, std::size_t column) const {
  return class_sets_[row_class_sets_[row]][column];
}

// ---- Classes ----

std::vector<std::string> UsersDispatcher::classes_without_worker() const {
  std::vector<std::string> names = unknown_selected_;
  for (const std::uint32_t column : selection_) {
    const bool loaded = std::any_of(workers_.begin(), workers_.end(), [&](const Worker& worker) {
      return class_sets_[worker.class_set][column];
    });
    if (!loaded) names.push_back(class_names_[column]);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void UsersDispatcher::select(const std::vector<std::string>& names) {
  std::vector<std::uint32_t> columns;
  unknown_selected_.clear();
  for (const std::string& name : names) {
    if (const auto column = column_of(name)) {
      columns.push_back(*column);
    } else {
      unknown_selected_.push_back(name);
    }
  }
  std::sort(columns.begin(), columns.end());
  if (columns == selection_) return;
  selection_ = std::move(columns);
  restart_users();
}

std::uint32_t UsersDispatcher::class_set(
    const std::optional<std::vector<std::string>>& loaded_classes) {
  if (!loaded_classes) return 0;
  ClassSet set(class_names_.size(), false);
  for (const std::string& name : *loaded_classes) {
    if (const auto column = column_of(name)) set[*column] = true;
  }
  const auto known = std::find(class_sets_.begin(), class_sets_.end(), set);
  if (known == class_sets_.end()) {
    class_sets_.push_back(std::move(set));
    return static_cast<std::uint32_t>(class_sets_.size() - 1);
  }
  return static_cast<std::uint32_t>(known - class_sets_.begin());
}

std::optional<std::uint32_t> UsersDispatcher::column_of(std::string_view name) const {
  const auto found = std::lower_bound(class_names_.begin(), class_names_.end(), name);
  if (found == class_names_.end() || *found != name) return std::nullopt;
  return static_cast<std::uint32_t>(found - class_names_.begin());
}

}  // namespace locust::master
