// The module _locust_host: functions of the process for our Python packages.
#pragma once

#include "common/python/ref.h"

namespace locust::python {

// To be passed to PyImport_AppendInittab.
PyObject* init_host_module();

}  // namespace locust::python
