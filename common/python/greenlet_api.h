// The C API of the greenlet package. Its own header defines a function table in every file that
// includes it; only greenlet_api.cc does.
#pragma once

#include "common/python/ref.h"

namespace locust::python {

// Debian's greenlet, imported by start_interpreter(). Everything here needs the GIL.
struct GreenletApi {
  // Imports the package. Returns false with an exception set on failure.
  static bool import();

  static Ref create(PyObject* run);
  // Must be the first call of a greenlet's body.
  static void entered();
  // Runs the greenlet until it switches back or ends. Returns null with an exception set if the
  // exception ended it.
  static Ref switch_to(PyObject* greenlet);
  // Returns an owned reference: another greenlet may be the only other owner.
  static Ref current();
  // GreenletExit, which ends a greenlet without a trace.
  static PyObject* exit_type();
};

}  // namespace locust::python
