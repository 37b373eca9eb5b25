// Ratios of tasks, as in stock's /tasks (user/inspectuser.py get_ratio).
#pragma once

#include "master/report/run_view.h"
#include "master/web/json.h"

namespace locust::master::web {

// The share of a task among its siblings, or among all tasks of all users.
enum class TaskTotals { kPerClass, kTotal };

// Of the classes in the test, by name.
Json tasks_json(const RunView& view, TaskTotals totals);

}  // namespace locust::master::web
