// Extracts the options of users from a master's parsed_options.
#pragma once

#include "proto/value.h"
#include "worker/user/run_options.h"

namespace locust::worker {

// Values of an unexpected kind are ignored.
RunOptions run_options(const proto::Value::Map& parsed_options);

}  // namespace locust::worker
