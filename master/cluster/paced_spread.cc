#include "master/cluster/paced_spread.h"

#include <algorithm>

namespace locust::master {
namespace {

struct Row {
  std::span<const std::int32_t> goal;
  std::vector<std::int32_t>* told;
};

// Moves up to `budget` users of all rows in one direction, one of each row in turn, so that workers
// are treated alike. Returns how many it moved.
std::int64_t move(const std::vector<Row>& rows, std::int64_t budget, int direction) {
  std::int64_t moved = 0;
  bool any = true;
  while (any && moved < budget) {
    any = false;
    for (const Row& row : rows) {
      if (moved == budget) break;
      for (std::size_t column = 0; column < row.goal.size(); ++column) {
        std::int32_t& told = (*row.told)[column];
        if ((row.goal[column] - told) * direction <= 0) continue;
        told += direction;
        ++moved;
        any = true;
        break;
      }
    }
  }
  return moved;
}

}  // namespace

void PacedSpread::approach(const UsersDispatcher& goal, int starts) {
  take_columns(goal.class_names());
  std::vector<Row> rows;
  rows.reserve(goal.worker_count());
  std::int64_t surplus = 0;  // users beyond the goal's total
  for (std::size_t i = 0; i < goal.worker_count(); ++i) {
    std::vector<std::int32_t>& told = told_[goal.worker_id(i)];
    told.resize(goal.class_names().size(), 0);
    rows.push_back({goal.counts(i), &told});
    for (const std::int32_t count : told) surplus += count;
  }
  surplus -= goal.dispatched_user_count();
  const std::int64_t started = move(rows, starts, 1);
  move(rows, std::max<std::int64_t>(surplus + started, 0), -1);
  behind_ = std::any_of(rows.begin(), rows.end(), [](const Row& row) {
    return !std::equal(row.goal.begin(), row.goal.end(), row.told->begin());
  });
  started_ = static_cast<int>(started);
}

// A test may learn of classes while it runs; their columns are new.
void PacedSpread::take_columns(const std::vector<std::string>& class_names) {
  if (columns_ == class_names) return;
  for (auto& [id, told] : told_) {
    std::vector<std::int32_t> moved(class_names.size(), 0);
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      const auto place = std::lower_bound(class_names.begin(), class_names.end(), columns_[column]);
      if (place == class_names.end() || *place != columns_[column]) continue;
      moved[static_cast<std::size_t>(place - class_names.begin())] = told[column];
    }
    told = std::move(moved);
  }
  columns_ = class_names;
}

std::span<const std::int32_t> PacedSpread::counts(std::string_view id) const {
  const auto told = told_.find(id);
  return told == told_.end() ? std::span<const std::int32_t>() : told->second;
}

void PacedSpread::forget(std::string_view id) {
  if (const auto told = told_.find(id); told != told_.end()) told_.erase(told);
}

void PacedSpread::clear() {
  told_.clear();
  behind_ = false;
}

}  // namespace locust::master
