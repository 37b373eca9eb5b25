// TaskRatio: the share of a task or user class, with those of its parts.
#pragma once

#include <string>
#include <vector>

namespace locust {

// The share among its siblings, as in stock's task ratio listing: each level adds up to 1, except
// where noted.
struct TaskRatio {
  std::string name;
  double ratio = 0;
  std::vector<TaskRatio> tasks = {};  // of a class or task set, which has at least one; in order

  bool operator==(const TaskRatio&) const = default;
};

}  // namespace locust
