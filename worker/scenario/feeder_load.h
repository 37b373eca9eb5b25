// Reads what feeders are made of, at load.
#pragma once

#include <string>

#include "common/scenario/scenario.h"
#include "worker/scenario/expression_eval.h"
#include "worker/scenario/feeder.h"
#include "worker/scenario/file_template.h"

namespace locust::worker {

// With errors the feeder is of no use. `runtime` evaluates what inline rows hold.
Feeder load_feeder(const Scenario& scenario, const FeederSpec& spec, ScenarioRuntime& runtime,
                   const ReportError& report);

// What is wrong with reading this column; empty: it is there, or nothing is known of the feeder
// because its file is broken.
std::string unknown_column(const Feeder& feeder, const std::string& column);

}  // namespace locust::worker
