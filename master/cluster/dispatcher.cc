#include "master/cluster/dispatcher.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <numeric>
#include <set>
#include <utility>

namespace locust::master {
namespace {

// Eight bytes of the text from `begin` on, as a number with the same order.
std::uint64_t sort_key(std::string_view text, std::size_t begin) {
  std::uint64_t key = 0;
  for (std::size_t i = begin; i < begin + 8; ++i) {
    key = key << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  return key;
}

// Positions of the workers in order of their ids. The ids of one cluster share a prefix, and the
// eight bytes after it nearly always distinguish them.
template <typename Row>
std::vector<std::uint32_t> order_by_id(const std::vector<Row>& workers) {
  std::size_t shared = workers.empty() ? 0 : workers.front().id.size();
  for (const Row& worker : workers) {
    const auto end =
        worker.id.begin() + static_cast<std::ptrdiff_t>(std::min(shared, worker.id.size()));
    shared = static_cast<std::size_t>(
        std::mismatch(worker.id.begin(), end, workers.front().id.begin()).first -
        worker.id.begin());
  }
  struct Keyed {
    std::uint64_t key;
    std::uint32_t position;
  };
  std::vector<Keyed> keyed;
  keyed.reserve(workers.size());
  for (const Row& worker : workers) {
    keyed.push_back({sort_key(worker.id, shared), static_cast<std::uint32_t>(keyed.size())});
  }
  std::sort(keyed.begin(), keyed.end(), [&](const Keyed& a, const Keyed& b) {
    return a.key != b.key ? a.key < b.key : workers[a.position].id < workers[b.position].id;
  });
  std::vector<std::uint32_t> order;
  order.reserve(keyed.size());
  for (const Keyed& entry : keyed) order.push_back(entry.position);
  return order;
}

}  // namespace

UsersDispatcher::UsersDispatcher(std::vector<DispatchWorker> workers,
                                 std::vector<DispatchClass> user_classes)
    : user_classes_(std::move(user_classes)) {
  std::ranges::sort(user_classes_, {}, &DispatchClass::name);
  class_names_.reserve(user_classes_.size());
  for (const DispatchClass& user_class : user_classes_) {
    selection_.push_back(static_cast<std::uint32_t>(class_names_.size()));
    class_names_.push_back(user_class.name);
  }
  class_sets_.emplace_back(class_names_.size(), true);
  rows_.reserve(workers.size());
  for (DispatchWorker& worker : workers) {
    const std::uint32_t set = class_set(worker.loaded_classes);
    rows_.push_back({std::move(worker.id), set});
  }
  sort_for_dispatch(rows_);
  reset_counts();
  restart_users();
}

// ---- The cycle ----

void UsersDispatcher::new_dispatch(int target_user_count, double spawn_rate,
                                   const std::optional<std::vector<std::string>>& user_classes) {
  redistribute_if_due();  // with the selection that was in force when workers came or went
  if (user_classes) select(*user_classes);
  target_user_count_ = std::max(target_user_count, 0);
  constexpr double kMax = std::numeric_limits<int>::max();
  // In this order NaN counts as 1.
  user_count_per_dispatch_iteration_ =
      static_cast<int>(std::min(std::max(1.0, std::floor(spawn_rate)), kMax));
  wait_between_dispatch_ = seconds(user_count_per_dispatch_iteration_ / spawn_rate);
  current_user_count_ = dispatched_user_count_;
  no_user_to_spawn_ = false;
  phase_ = Phase::kBegun;
}

void UsersDispatcher::set_class_counts(const std::optional<std::vector<ClassCount>>& counts) {
  redistribute_if_due();  // with the numbers that were in force when workers came or went
  std::optional<std::vector<int>> targets;
  if (counts) {
    targets.emplace(class_names_.size(), 0);
    for (const ClassCount& wanted : *counts) {
      if (const auto column = column_of(wanted.name)) (*targets)[*column] = wanted.count;
    }
  }
  if (targets == class_targets_) return;
  class_targets_ = std::move(targets);
  try_dispatch_fixed_ = true;
  restart_users();
}

bool UsersDispatcher::next() {
  redistribute_if_due();
  switch (phase_) {
    case Phase::kBegun:
      if (redistribution_step(Phase::kRedistributed)) return true;
      if (!at_target()) return ramp_step();
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
  if (class_targets_) return at_target();
  if (current_user_count_ < target_user_count_) return no_user_to_spawn_;
  return at_target() || active_users_.empty();
}

bool UsersDispatcher::at_target() const {
  if (class_targets_) return surplus() == 0 && missing() == 0;
  return current_user_count_ == target_user_count_;
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
  if (class_targets_) {
    stop_surplus_users();
    add_users_on_workers(std::min(user_count_per_dispatch_iteration_, missing()));
  } else if (current_user_count_ < target_user_count_) {
    add_users_on_workers(
        std::min(user_count_per_dispatch_iteration_, target_user_count_ - current_user_count_));
  } else {
    remove_users_from_workers();
  }
  return true;
}

bool UsersDispatcher::end_cycle() {
  phase_ = Phase::kOver;
  return false;
}

void UsersDispatcher::add_users_on_workers(int step) {
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
    forget_user(user);
  }
}

void UsersDispatcher::stop_surplus_users() {
  int step = std::min(user_count_per_dispatch_iteration_, surplus());
  // The last ones go first; those that stay keep their order.
  auto kept = active_users_.end();
  for (auto user = active_users_.end(); user != active_users_.begin();) {
    --user;
    if (step > 0 && class_counts_[user->column] > fixed_count(user->column)) {
      forget_user(*user);
      --step;
    } else {
      *--kept = *user;
    }
  }
  active_users_.erase(active_users_.begin(), kept);
}

void UsersDispatcher::forget_user(ActiveUser user) {
  --counts_[user.row * class_names_.size() + user.column];
  --class_counts_[user.column];
  --dispatched_user_count_;
  --current_user_count_;
  try_dispatch_fixed_ = true;
}

int UsersDispatcher::fixed_count(std::uint32_t column) const {
  return class_targets_ ? (*class_targets_)[column] : user_classes_[column].fixed_count;
}

int UsersDispatcher::surplus() const {
  int sum = 0;
  for (std::size_t column = 0; class_targets_ && column < class_targets_->size(); ++column) {
    sum += std::max(class_counts_[column] - (*class_targets_)[column], 0);
  }
  return sum;
}

int UsersDispatcher::missing() const {
  int sum = 0;
  for (std::size_t column = 0; class_targets_ && column < class_targets_->size(); ++column) {
    if (!worker_cycle_.has(column)) continue;
    sum += std::max((*class_targets_)[column] - class_counts_[column], 0);
  }
  return sum;
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

// dispatch.py _user_gen: users of fixed count before those by weight. A batch of them is completed
// once begun; the next one is computed only after users were stopped or redistributed.
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
    const int count = fixed_count(column) - class_counts_[column];
    if (count <= 0 || !worker_cycle_.has(column)) continue;
    missing.push_back({column, static_cast<double>(count)});
    fixed_users_left_ += count;
  }
  fixed_users_ = KlSequence(missing);
}

void UsersDispatcher::restart_users() {
  std::vector<KlSequence::Item> weighted;
  for (const std::uint32_t column : selection_) {
    const DispatchClass& user_class = user_classes_[column];
    if (class_targets_ || user_class.fixed_count != 0 || !worker_cycle_.has(column)) continue;
    weighted.push_back({column, user_class.weight});
  }
  weighted_users_ = KlSequence(weighted);
  fixed_users_left_ = 0;
}

// ---- Workers ----

void UsersDispatcher::add_worker(std::string id,
                                 std::optional<std::vector<std::string>> loaded_classes) {
  const std::uint32_t set = class_set(loaded_classes);
  std::vector<Row>& workers = change_workers();
  const auto known = std::find_if(workers.begin(), workers.end(),
                                  [&](const Row& worker) { return worker.id == id; });
  if (known != workers.end()) {
    known->class_set = set;
  } else {
    workers.push_back({std::move(id), set});
    sort_for_dispatch(workers);
  }
  rebalance_ = redistribution_due_ = true;
}

void UsersDispatcher::remove_worker(std::string_view id) {
  const bool last = workers().size() == 1 && workers().front().id == id;
  if (last) redistribute_if_due();  // afterwards there is no worker to distribute to
  std::vector<Row>& workers = change_workers();
  std::erase_if(workers, [&](const Row& worker) { return worker.id == id; });
  if (!workers.empty()) rebalance_ = redistribution_due_ = true;
}

std::vector<UsersDispatcher::Row>& UsersDispatcher::change_workers() {
  if (!changed_workers_) changed_workers_ = rows_;
  return *changed_workers_;
}

// dispatch.py _sort_workers: first one worker of every host, then the second one of every host …
void UsersDispatcher::sort_for_dispatch(std::vector<Row>& workers) {
  const std::vector<std::uint32_t> by_id = order_by_id(workers);
  // The host is the part of the id before the first '_'. Sorted by id, the workers of a host are
  // adjacent, except that one whose id is just the host comes before them.
  std::vector<std::uint32_t> index_within_host;
  index_within_host.reserve(workers.size());
  std::vector<std::uint32_t> begin_of_index(1, 0);  // after the loop: workers of the index before
  std::set<std::string_view> bare_hosts;
  std::optional<std::string_view> last_host;
  std::uint32_t index = 0;
  for (const std::uint32_t position : by_id) {
    const std::string_view id = workers[position].id;
    const std::string_view host = id.substr(0, id.find('_'));
    index = host == last_host ? index + 1 : static_cast<std::uint32_t>(bare_hosts.count(host));
    last_host = host;
    if (host.size() == id.size()) bare_hosts.insert(host);
    index_within_host.push_back(index);
    begin_of_index.resize(std::max<std::size_t>(begin_of_index.size(), index + 2));
    ++begin_of_index[index + 1];
  }
  std::partial_sum(begin_of_index.begin(), begin_of_index.end(), begin_of_index.begin());
  std::vector<Row> sorted(workers.size());
  for (std::size_t place = 0; place < by_id.size(); ++place) {
    sorted[begin_of_index[index_within_host[place]]++] = std::move(workers[by_id[place]]);
  }
  workers = std::move(sorted);
}

// dispatch.py _prepare_rebalance and _distribute_users: as if all users were started from zero.
void UsersDispatcher::redistribute_if_due() {
  if (!redistribution_due_) return;
  redistribution_due_ = false;
  rows_ = std::move(*changed_workers_);
  changed_workers_.reset();
  reset_counts();
  try_dispatch_fixed_ = true;
  restart_users();
  while (dispatched_user_count_ < current_user_count_ && start_user()) {
  }
  if (class_targets_) current_user_count_ = dispatched_user_count_;
}

void UsersDispatcher::reset_counts() {
  // Never of size 0, for which calloc may return null.
  counts_.reset(static_cast<std::int32_t*>(
      std::calloc(rows_.size() * class_names_.size() + 1, sizeof(std::int32_t))));
  if (!counts_) throw std::bad_alloc();
  class_counts_.assign(class_names_.size(), 0);
  active_users_.clear();
  dispatched_user_count_ = 0;
  std::vector<std::uint32_t> class_set_of_row;
  class_set_of_row.reserve(rows_.size());
  for (const Row& worker : rows_) class_set_of_row.push_back(worker.class_set);
  worker_cycle_ = WorkerCycle(class_set_of_row, class_sets_, class_names_.size());
}

std::span<const std::int32_t> UsersDispatcher::counts(std::size_t row) const {
  return {&counts_[row * class_names_.size()], class_names_.size()};
}

bool UsersDispatcher::has_loaded(std::size_t row, std::size_t column) const {
  return class_sets_[rows_[row].class_set][column];
}

// ---- Classes ----

std::vector<std::string> UsersDispatcher::classes_without_worker() const {
  std::vector<std::string> names = unknown_selected_;
  for (const std::uint32_t column : selection_) {
    const bool loaded = std::any_of(workers().begin(), workers().end(), [&](const Row& worker) {
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
