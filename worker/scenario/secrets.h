// Values of `secret` arguments, which are shown nowhere.
#pragma once

#include <string>
#include <vector>

#include "common/scenario.h"
#include "worker/scenario/expression_eval.h"

namespace locust::worker {

// The values in the present test; empty ones are left out.
std::vector<std::string> secret_values(const Scenario& scenario, const ScenarioRuntime& runtime);

// Writes "***" in their place.
void mask_secrets(std::string& text, const std::vector<std::string>& secrets);

}  // namespace locust::worker
