// The module _locust_host: what our Python packages ask of the process.
#pragma once

#include "common/python/ref.h"

namespace locust::python {

// For PyImport_AppendInittab.
PyObject* init_host_module();

}  // namespace locust::python
