// Users of each class, for test code.
#pragma once

#include "common/python/ref.h"

namespace locust::python {

// Converts pairs of a name and a count to a dict, in their order. Returns null if Python is out of
// memory.
template <typename Counts>
Ref to_dict(const Counts& counts) {
  Ref dict(PyDict_New());
  for (const auto& [name, count] : counts) {
    const Ref number(PyLong_FromLongLong(count));
    if (PyDict_SetItemString(dict.get(), name.c_str(), number.get()) < 0) return {};
  }
  return dict;
}

}  // namespace locust::python
