// A master's parsed_options as what the users need of them.
#pragma once

#include "proto/value.h"
#include "worker/user/run_options.h"

namespace locust::worker {

// Whatever is of another kind than stock sends is left out.
RunOptions run_options(const proto::Value::Map& parsed_options);

}  // namespace locust::worker
