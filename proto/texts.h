// Lists of texts on the wire.
#pragma once

#include <string>
#include <vector>

#include "proto/value.h"

namespace locust::proto {

// The texts of an array, in its order; what else is in it is left out. Empty if it is no array.
std::vector<std::string> texts_in(const Value& value);

}  // namespace locust::proto
