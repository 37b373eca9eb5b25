// The module _locust_stats: the statistics of the process, for the objects of locust/stats.py.
#pragma once

#include "common/base/clock.h"
#include "common/python/ref.h"
#include "common/stats/stats.h"

namespace locust::python {

// To be passed to PyImport_AppendInittab.
PyObject* init_stats_module();

// Sets the statistics that Python code reads and logs to; null for none. Call it with the GIL held
// on the thread that owns the statistics. Both must exist until the next call.
void show_stats(RequestStats* stats, const Clock* clock);

}  // namespace locust::python
