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

// The counts for the workers during a redistribution. The dispatcher changes to the new
// distribution at once, as in stock; this class follows it with a limited number of starts per
// step. Users that no worker runs are started first; then each start is paired with a stop
// elsewhere, so the total never exceeds the dispatcher's and never falls. Pure. Owned by the
// master, on the control thread.
class PacedSpread {
 public:
  // Takes one step towards `goal`, which starts at most `starts` users.
  void approach(const UsersDispatcher& goal, int starts);
  int started() const { return started_; }  // by the last step
  // Whether the last step did not reach its goal.
  bool behind() const { return behind_; }

  // The counts of that worker, by column of the last goal.
  std::span<const std::int32_t> counts(std::string_view id) const;

  // The worker has no users any more. A worker that is only missing may still run them when it
  // comes back.
  void forget(std::string_view id);
  void clear();

 private:
  void take_columns(const std::vector<std::string>& class_names);

  std::vector<std::string> columns_;  // of told_: the last goal's class names
  std::map<std::string, std::vector<std::int32_t>, std::less<>> told_;
  int started_ = 0;
  bool behind_ = false;
};

}  // namespace locust::master
