// Feeder: hands rows to the users of a worker process.
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

// The loop's thread only, once the test has begun. Refers to the spec.
class Feeder {
 public:
  Feeder(const FeederSpec& spec, FeederTable table);

  const FeederSpec& spec() const { return spec_; }
  // Those of its source.
  std::size_t rows_at_start() const { return table_.size(); }
  // Of the source, and those that steps add.
  std::vector<std::string> columns() const;

  // A new test, in which this is worker number `worker_index` of `workers`: from the first row on,
  // without what steps added. pick: unique gives worker i the rows i, i + workers, …; a worker
  // that has none logs so.
  void begin_test(int worker_index, std::int64_t workers);
  // Puts the next row into `row`: null for an empty feeder with `keep`. False if no unique row is
  // left.
  bool next(Rng& rng, ExprValue& row);
  // Of a feeder with `keep`: the oldest row leaves if there are too many.
  void add(ExprValue row);

 private:
  ExprValue row(std::size_t i) const { return spec_.keep == 0 ? table_.row(i) : kept_[i]; }
  std::size_t size() const { return spec_.keep == 0 ? table_.size() : kept_.size(); }

  const FeederSpec& spec_;
  FeederTable table_;
  std::deque<ExprValue> kept_;  // of a feeder with `keep`
  std::size_t next_ = 0;        // row, for sequential and unique
  std::size_t step_ = 1;        // from one row of this worker to the next
  bool has_share_ = true;       // this worker is one of those that unique rows are dealt to
  bool exhaustion_logged_ = false;
};

}  // namespace locust::worker
