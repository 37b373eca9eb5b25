// The module _locust_worker: users, their clients, and the functions behind the runner of
// locust/runners.py.
#pragma once

#include "common/python/ref.h"

namespace locust::worker {

// To be passed to PyImport_AppendInittab.
PyObject* init_worker_module();

}  // namespace locust::worker
