// Feeder: distributes rows to the users of a worker process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "common/scenario/expression_value.h"
#include "common/scenario/scenario.h"
#include "worker/scenario/feeder_table.h"
#include "worker/user/random.h"

namespace locust::worker {

// Used on the loop's thread only, once the test has started. Refers to the spec.
class Feeder {
 public:
  Feeder(const FeederSpec& spec, FeederTable table);

  const FeederSpec& spec() const { return spec_; }
  // The number of rows in its source.
  std::size_t rows_at_start() const { return table_.size(); }
  // The columns of the source, and those that steps add.
  std::vector<std::string> columns() const;

  // Call for a new test, in which this is worker number `worker_index` of `workers`: starts at the
  // first row and removes added rows. With pick: unique, worker i gets the rows i, i + workers, …;
  // a worker without rows logs that.
  void begin_test(int worker_index, std::int64_t workers);
  // Sets `row` to the next row: null for an empty feeder with `keep`. Returns false if no unique
  // row is left.
  bool next(Rng& rng, ExprValue& row);
  // Adds a row to a feeder with `keep`; the oldest row is dropped if there are too many.
  void add(ExprValue row);

 private:
  ExprValue row(std::size_t i) const { return spec_.keep == 0 ? table_.row(i) : kept_[i]; }
  std::size_t size() const { return spec_.keep == 0 ? table_.size() : kept_.size(); }

  const FeederSpec& spec_;
  FeederTable table_;
  std::deque<ExprValue> kept_;  // of a feeder with `keep`
  std::size_t next_ = 0;        // row, for sequential and unique
  std::size_t step_ = 1;        // from one row of this worker to the next
  bool has_share_ = true;       // this worker gets unique rows
  bool exhaustion_logged_ = false;
};

}  // namespace locust::worker
