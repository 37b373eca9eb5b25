#include "worker/scenario/feeder.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"

namespace locust::worker {

Feeder::Feeder(const FeederSpec& spec, FeederTable table) : spec_(spec), table_(std::move(table)) {
  begin_test(0, 1);
}

std::vector<std::string> Feeder::columns() const {
  std::vector<std::string> columns = table_.columns();
  columns.insert(columns.end(), spec_.added_columns.begin(), spec_.added_columns.end());
  return columns;
}

void Feeder::begin_test(int worker_index, std::int64_t workers) {
  next_ = 0;
  step_ = 1;
  has_share_ = true;
  exhaustion_logged_ = false;
  kept_.clear();
  if (spec_.keep > 0) {
    const std::size_t size = table_.size();
    for (std::size_t i = size - std::min(size, spec_.keep); i < size; ++i) {
      kept_.push_back(table_.row(i));
    }
  }
  if (spec_.pick != FeederSpec::Pick::kUnique) return;
  has_share_ = worker_index >= 0 && worker_index < workers;
  if (!has_share_) {
    log::user().warn(
        "Feeder '{}' has no rows for this worker: its index is {}, but the master expects {} "
        "worker(s), so the rows are distributed to the indices below that. Its users stop when "
        "they take a "
        "row; start the master with --expect-workers {} or more",
        spec_.name, worker_index, workers, worker_index + 1);
    return;
  }
  next_ = static_cast<std::size_t>(worker_index);
  step_ = static_cast<std::size_t>(workers);
  if (next_ >= table_.size()) {
    log::user().warn("Feeder '{}' has {} row(s), none of them for worker {} of {}", spec_.name,
                     table_.size(), worker_index, workers);
  }
}

bool Feeder::next(Rng& rng, ExprValue& taken) {
  const std::size_t rows = size();
  taken = ExprValue();
  if (spec_.pick == FeederSpec::Pick::kUnique) {
    if (!has_share_) return false;
    if (next_ >= rows) {
      if (!std::exchange(exhaustion_logged_, true)) {
        log::user().info("Feeder '{}' has no unused row left: users that need one stop",
                         spec_.name);
      }
      return false;
    }
    taken = row(next_);
    next_ += step_;
    return true;
  }
  if (rows == 0) return true;
  if (spec_.pick == FeederSpec::Pick::kRandom) {
    const double drawn = uniform(rng) * static_cast<double>(rows);
    taken = row(std::min(static_cast<std::size_t>(drawn), rows - 1));
  } else {
    if (next_ >= rows) next_ = 0;
    taken = row(next_++);
  }
  return true;
}

void Feeder::add(ExprValue row) {
  kept_.push_back(std::move(row));
  if (kept_.size() <= spec_.keep) return;
  kept_.pop_front();
  if (next_ > 0) --next_;  // the rows moved under it
}

}  // namespace locust::worker
