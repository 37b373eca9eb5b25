// PacedSpread: moves users between workers no faster than the spawn rate.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "master/cluster/dispatcher.h"

namespace locust::master {

// What the workers are told while users are distributed anew. The dispatcher hands out the new
// distribution at once, as stock does; this follows it by so many started users a step. Users that
// nobody runs are started first; then each start is paired with a stop elsewhere, so the total never
// exceeds the dispatcher's and never falls. Pure. Owned by the master, on the control thread.
class PacedSpread {
 public:
  // One step towards what `goal` describes. Returns how many users it starts, at most `starts`.
  int approach(const UsersDispatcher& goal, int starts);
  // Whether the last step did not reach its goal.
  bool behind() const { return behind_; }

  // What the worker of that row of the last goal is to run, by column.
  std::span<const std::int32_t> counts(std::string_view id) const;

  // The worker has no users any more. One that is merely missing may still run them when it comes
  // back.
  void forget(std::string_view id);
  void clear();

 private:
  void take_columns(const std::vector<std::string>& class_names);

  std::vector<std::string> columns_;  // of told_: the last goal's class names
  std::map<std::string, std::vector<std::int32_t>, std::less<>> told_;
  bool behind_ = false;
};

}  // namespace locust::master
