// Why what a test measured may not be what it was meant to measure.
#pragma once

#include <string>
#include <vector>

#include "master/cluster/master.h"

namespace locust::master {

// A line each; empty if nothing speaks against the figures: workers were lost, nothing happened
// although users were to run, last reports did not arrive, the workers and not the target were the
// limit, or their files differ. To be asked when the master's quit is complete.
std::vector<std::string> invalid_reasons(const Master& master);

}  // namespace locust::master
