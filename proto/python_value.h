// Converts values of messages to Python objects and back, for messages of test code.
#pragma once

#include "common/python/ref.h"
#include "proto/value.h"

namespace locust::proto {

// As Python's msgpack: lists for arrays, dicts for maps. Null: an exception is set.
python::Ref to_python(const Value& value);

// Refuses what msgpack refuses: an error names the type. Deeper than Limits::max_depth is refused
// too.
Result<Value> from_python(PyObject* object);

}  // namespace locust::proto
