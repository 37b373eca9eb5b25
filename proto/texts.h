// Lists of texts on the wire.
#pragma once

#include <string>
#include <vector>

#include "proto/value.h"

namespace locust::proto {

// The texts of an array, in order; other elements are left out. Empty if `value` is not an array.
std::vector<std::string> texts_in(const Value& value);

}  // namespace locust::proto
