#include "common/python/greenlet_api.h"

#include <greenlet/greenlet.h>

namespace locust::python {
namespace {

PyGreenlet* as_greenlet(PyObject* object) { return reinterpret_cast<PyGreenlet*>(object); }

}  // namespace

bool GreenletApi::import() {
  PyGreenlet_Import();
  return _PyGreenlet_API != nullptr;
}

Ref GreenletApi::create(PyObject* run) {
  return Ref(reinterpret_cast<PyObject*>(PyGreenlet_New(run, nullptr)));
}

Ref GreenletApi::switch_to(PyObject* greenlet) {
  return Ref(PyGreenlet_Switch(as_greenlet(greenlet), nullptr, nullptr));
}

Ref GreenletApi::current() { return Ref(reinterpret_cast<PyObject*>(PyGreenlet_GetCurrent())); }

PyObject* GreenletApi::exit_type() { return PyExc_GreenletExit; }

}  // namespace locust::python
