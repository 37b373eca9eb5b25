// Why a test may not have measured what it was meant to measure.
#pragma once

#include <string>
#include <vector>

#include "master/cluster/master.h"

namespace locust::master {

// A line for each reason: workers were lost, nothing happened although users were to run, last
// reports did not arrive, the workers and not the target were the limit, or their files differ.
// Empty if the figures are valid. Call when the master's quit is complete.
std::vector<std::string> invalid_reasons(const Master& master);

}  // namespace locust::master
