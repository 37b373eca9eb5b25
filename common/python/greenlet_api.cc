#include "common/python/greenlet_api.h"

#include <greenlet/greenlet.h>

#ifdef LOCUST_ASAN
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#endif

namespace locust::python {
namespace {

PyGreenlet* as_greenlet(PyObject* object) { return reinterpret_cast<PyGreenlet*>(object); }

// greenlet copies stacks without their AddressSanitizer shadow: the poison marks on this thread's
// stack are those of the greenlet that ran before.
void forget_marks_on_stack() {
#ifdef LOCUST_ASAN
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  void* stack = nullptr;
  std::size_t size = 0;
  pthread_attr_getstack(&attributes, &stack, &size);
  pthread_attr_destroy(&attributes);
  __asan_unpoison_memory_region(stack, size);
#endif
}

}  // namespace

void GreenletApi::entered() { forget_marks_on_stack(); }

bool GreenletApi::import() {
  PyGreenlet_Import();
  return _PyGreenlet_API != nullptr;
}

Ref GreenletApi::create(PyObject* run) {
  return Ref(reinterpret_cast<PyObject*>(PyGreenlet_New(run, nullptr)));
}

Ref GreenletApi::switch_to(PyObject* greenlet) {
  Ref result(PyGreenlet_Switch(as_greenlet(greenlet), nullptr, nullptr));
  forget_marks_on_stack();
  return result;
}

Ref GreenletApi::current() { return Ref(reinterpret_cast<PyObject*>(PyGreenlet_GetCurrent())); }

PyObject* GreenletApi::exit_type() { return PyExc_GreenletExit; }

}  // namespace locust::python
