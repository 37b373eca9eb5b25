// The load shape of a run.
#pragma once

#include <optional>

#include "master/run/master_options.h"
#include "master/shape/shape.h"

namespace locust::master {

// The shape that --shape names, else the scenario's first; nullopt if the run has none. `scenario`
// may be null.
Result<std::optional<Shape>> run_shape(const MasterOptions& options, const Scenario* scenario);

// Stock's warning about given options that the shape does not read.
void warn_of_ignored_options(const MasterOptions& options, const Shape& shape);

}  // namespace locust::master
