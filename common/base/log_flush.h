// For a process that ends while others of its threads may go on logging.
#pragma once

#include "common/base/clock.h"

namespace locust::log {

// Waits until the lines that are queued now are written, at most `patience`.
void flush(Duration patience);

}  // namespace locust::log
