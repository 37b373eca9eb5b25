// The module _locust_worker: users, their clients, and what the runner of locust/runners.py does.
#pragma once

#include "common/python/ref.h"

namespace locust::worker {

// For PyImport_AppendInittab.
PyObject* init_worker_module();

}  // namespace locust::worker
