// Equality of MessagePack values as Python sees it.
#pragma once

#include "proto/value.h"

namespace locust {

// Like Python's == of the decoded values: the order of a map does not matter, 4000 equals 4000.0
// (also as a key), NaN equals itself.
bool equal_values(const proto::Value& a, const proto::Value& b);

}  // namespace locust
