// --processes: runs a master and its workers on this machine, from the master's command line.
#pragma once

#include "master/all_in_one.h"
#include "master/run/master_options.h"

namespace locust::master {

// Both programs receive `arguments`, and the same -f. Returns the exit code.
int run_local_cluster(const MasterOptions& options, const Arguments& arguments, int processes);

}  // namespace locust::master
