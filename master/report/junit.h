// The verdicts of a run as JUnit XML for CI systems. junit.cc is the only file that includes
// pugixml.
#pragma once

#include <string>

#include "master/report/run_result.h"

namespace locust::master {

// A test suite "thresholds" with a case for each threshold, "checks" with one for each check, and
// "run" with the cases "valid" and, where failures and exceptions decide (`rules`), "no failures or
// exceptions". `time` is the end of the run, in seconds since the epoch.
std::string junit_xml(const RunResult& result, const ExitRules& rules, double time);

}  // namespace locust::master
