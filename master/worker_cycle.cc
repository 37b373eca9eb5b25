#include "master/worker_cycle.h"

namespace locust::master {

WorkerCycle::WorkerCycle(const std::vector<std::uint32_t>& class_set_of_row,
                         const std::vector<ClassSet>& class_sets, std::size_t columns)
    : groups_(class_sets.size()), groups_of_column_(columns) {
  for (const std::uint32_t set : class_set_of_row) {
    groups_[set].ring.push_back({static_cast<std::uint32_t>(next_turn_), next_turn_});
    ++next_turn_;
  }
  for (std::size_t set = 0; set < class_sets.size(); ++set) {
    if (groups_[set].ring.empty()) continue;
    for (std::size_t column = 0; column < columns; ++column) {
      if (class_sets[set][column]) {
        groups_of_column_[column].push_back(static_cast<std::uint32_t>(set));
      }
    }
  }
}

std::uint32_t WorkerCycle::take(std::size_t column) {
  Group* longest_waiting = nullptr;
  for (const std::uint32_t index : groups_of_column_[column]) {
    Group& group = groups_[index];
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
