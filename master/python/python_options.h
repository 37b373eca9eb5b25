// The options of a master as Python code sees them.
#pragma once

#include "common/python/ref.h"
#include "master/run/master_options.h"

namespace locust::master {

// A dict with stock's names: environment.parsed_options without the locustfile's own arguments.
python::Ref options_object(const MasterOptions& options);

}  // namespace locust::master
