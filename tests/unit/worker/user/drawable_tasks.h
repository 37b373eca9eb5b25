// For tests of what leaves tasks out.
#pragma once

#include <string>
#include <vector>

#include "worker/user/user.h"

namespace locust::worker {

// The names of the tasks that the user can draw.
inline std::vector<std::string> drawable_tasks(const User& user) {
  std::vector<std::string> names;
  const TaskList& tasks = user.tasks();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (tasks.keeps(i)) names.push_back(tasks[i].name);
  }
  return names;
}

}  // namespace locust::worker
