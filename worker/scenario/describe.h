// The values that decided a condition, for evidence and traces.
#pragma once

#include <string>
#include <vector>

#include "worker/scenario/expression_eval.h"

namespace locust::worker {

// "status = 503", "json('/status') = 'closed'": one text for each variable, function or part of the
// response that the condition reads, in order, each once. The environment and values that are not
// reproducible (random numbers, the clock) are left out. Long values are truncated; values with the
// name of a credential are masked.
std::vector<std::string> describe_values(const Expr& condition, const EvalContext& context);

// "order = 5": one value in this form, truncated and masked in the same way.
std::string describe_value(const std::string& name, const ExprValue& value);

}  // namespace locust::worker
