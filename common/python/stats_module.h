// The module _locust_stats: the statistics of the process, for the objects of locust/stats.py.
#pragma once

#include "common/base/clock.h"
#include "common/python/ref.h"
#include "common/stats/stats.h"

namespace locust::python {

// For PyImport_AppendInittab.
PyObject* init_stats_module();

// What Python code sees and logs to from now on; null: nothing any more. With the GIL held, on the
// thread that the statistics belong to. `clock` outlives them.
void show_stats(RequestStats* stats, const Clock* clock);

}  // namespace locust::python
