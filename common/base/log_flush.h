// For a process that ends while its other threads may still log.
#pragma once

#include "common/base/clock.h"

namespace locust::log {

// Waits until the currently queued lines are written, at most `patience`.
void flush(Duration patience);

}  // namespace locust::log
