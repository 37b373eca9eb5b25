// WorkerCycle: which worker takes the next user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace locust::master {

// Which columns (user classes in name order) a worker has loaded.
using ClassSet = std::vector<bool>;

// Distributes users to workers in turn. With equal workers it is the endless round of dispatch.py
// (itertools.cycle over the sorted workers). With unequal ones a user goes to the worker that has
// waited longest among those that have the class. A worker that was skipped keeps its turn, so the
// distribution stays as even as the classes allow.
//
// Workers are rows. Rows with the same class set form a group and wait in one ring; the turns of
// the rings' heads tell which of them waits longest, hence a pick costs one comparison per group.
class WorkerCycle {
 public:
  // Without workers.
  WorkerCycle() = default;
  // `class_set_of_row`: for each row the index of its set in `class_sets`. Every set has `columns`
  // entries.
  WorkerCycle(const std::vector<std::uint32_t>& class_set_of_row,
              const std::vector<ClassSet>& class_sets, std::size_t columns);

  // Whether any worker has the class.
  bool has(std::size_t column) const {
    return column + 1 < begin_of_column_.size() &&
           begin_of_column_[column] < begin_of_column_[column + 1];
  }
  // The row that takes the next user of the class. At least one row must have the class.
  std::uint32_t take(std::size_t column);

 private:
  struct Member {
    std::uint32_t row;
    std::uint64_t turn;  // when it took a user last; before that its place in the order
  };
  struct Group {
    std::vector<Member> ring;  // in order of turn, starting at head
    std::size_t head = 0;
  };

  std::vector<Group> groups_;
  // The groups of column c are groups_of_columns_[begin_of_column_[c]] to [begin_of_column_[c +
  // 1]).
  std::vector<std::uint32_t> groups_of_columns_;
  std::vector<std::size_t> begin_of_column_;
  std::uint64_t next_turn_ = 0;
};

}  // namespace locust::master
