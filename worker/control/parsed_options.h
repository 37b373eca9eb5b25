// A master's parsed_options as what the users need of them.
#pragma once

#include "proto/value.h"
#include "worker/user/test_options.h"

namespace locust::worker {

// Whatever is of another kind than stock sends is left out.
TestOptions test_options(const proto::Value::Map& parsed_options);

}  // namespace locust::worker
