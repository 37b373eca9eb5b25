// The options of a master as Python code sees them.
#pragma once

#include "common/python/ref.h"
#include "master/run/master_options.h"

namespace locust::master {

// What _host.parsed_options() makes environment.parsed_options of: a tuple of the given options as
// texts, and of values that are known otherwise.
python::Ref options_object(const MasterOptions& options);

}  // namespace locust::master
