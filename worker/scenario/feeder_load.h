// Reads the rows of feeders, at load.
#pragma once

#include <string>

#include "common/scenario/scenario.h"
#include "worker/scenario/expression_eval.h"
#include "worker/scenario/feeder.h"
#include "worker/scenario/file_template.h"

namespace locust::worker {

// With errors the feeder must not be used. `runtime` evaluates inline rows.
Feeder load_feeder(const Scenario& scenario, const FeederSpec& spec, ScenarioRuntime& runtime,
                   const ReportError& report);

// What is wrong with reading this column; empty if it exists, or if the feeder's file is broken.
std::string unknown_column(const Feeder& feeder, const std::string& column);

}  // namespace locust::worker
