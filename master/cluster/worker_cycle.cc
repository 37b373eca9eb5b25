#include "master/cluster/worker_cycle.h"

namespace locust::master {

WorkerCycle::WorkerCycle(const std::vector<std::uint32_t>& class_set_of_row,
                         const std::vector<ClassSet>& class_sets, std::size_t columns)
    : groups_(class_sets.size()) {
  std::vector<std::size_t> sizes(class_sets.size(), 0);
  for (const std::uint32_t set : class_set_of_row) ++sizes[set];
  for (std::size_t set = 0; set < sizes.size(); ++set) groups_[set].ring.reserve(sizes[set]);
  for (const std::uint32_t set : class_set_of_row) {
    groups_[set].ring.push_back({static_cast<std::uint32_t>(next_turn_), next_turn_});
    ++next_turn_;
  }
  begin_of_column_.reserve(columns + 1);
  for (std::size_t column = 0; column < columns; ++column) {
    begin_of_column_.push_back(groups_of_columns_.size());
    for (std::size_t set = 0; set < class_sets.size(); ++set) {
      if (sizes[set] > 0 && class_sets[set][column]) {
        groups_of_columns_.push_back(static_cast<std::uint32_t>(set));
      }
    }
  }
  begin_of_column_.push_back(groups_of_columns_.size());
}

std::uint32_t WorkerCycle::take(std::size_t column) {
  Group* longest_waiting = nullptr;
  for (std::size_t i = begin_of_column_[column]; i < begin_of_column_[column + 1]; ++i) {
    Group& group = groups_[groups_of_columns_[i]];
    if (longest_waiting == nullptr ||
        group.ring[group.head].turn < longest_waiting->ring[longest_waiting->head].turn) {
      longest_waiting = &group;
    }
  }
  Member& member = longest_waiting->ring[longest_waiting->head];
  member.turn = next_turn_++;
  if (++longest_waiting->head == longest_waiting->ring.size()) longest_waiting->head = 0;
  return member.row;
}

}  // namespace locust::master
