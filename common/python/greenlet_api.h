// The C API of the greenlet package, whose header keeps its table in a variable of each file.
#pragma once

#include "common/python/ref.h"

namespace locust::python {

// Debian's greenlet, imported by start_interpreter(). All of it needs the GIL.
struct GreenletApi {
  // Imports it. False: an exception is set.
  static bool import();

  static Ref create(PyObject* run);
  // To be called first of all by what a greenlet runs.
  static void entered();
  // Runs the greenlet until it switches back or ends. Null: it ended by an exception, which is set.
  static Ref switch_to(PyObject* greenlet);
  // A borrowed reference would not do: another greenlet may be its only owner.
  static Ref current();
  // GreenletExit, which ends a greenlet without a trace.
  static PyObject* exit_type();
};

}  // namespace locust::python
