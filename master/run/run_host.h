// Checks of the hosts of a YAML scenario before a test starts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/options/config_users.h"
#include "common/scenario/scenario.h"
#include "master/run/master_options.h"

namespace locust::master {

// Why the hosts of the command line are invalid, or which hosts the test that it starts lacks:
// lines for the operator; nullopt if nothing is wrong. Workers that were started elsewhere may have
// a host of their own, so for them none is missing.
std::optional<std::string> problem_of_given_host(const MasterOptions& options,
                                                 const Scenario& scenario,
                                                 const std::vector<UserConfig>& configs);

// A line for each of these classes (none: all) that has relative URLs and no host, joined; nullopt
// if there is none.
std::optional<std::string> missing_host(const Scenario& scenario,
                                        const std::vector<std::string>& classes,
                                        const std::vector<UserConfig>& configs);

}  // namespace locust::master
