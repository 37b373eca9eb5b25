// Converts values of messages to Python objects and back, for messages of test code.
#pragma once

#include "common/python/ref.h"
#include "proto/value.h"

namespace locust::proto {

// Converts like Python's msgpack: lists for arrays, dicts for maps. Returns null with an exception
// set on failure.
python::Ref to_python(const Value& value);

// Fails on objects that msgpack does not accept, and on objects nested deeper than
// Limits::max_depth. The error names the type.
Result<Value> from_python(PyObject* object);

}  // namespace locust::proto
