// The values that a condition was decided by, for evidence and traces.
#pragma once

#include <string>
#include <vector>

#include "worker/scenario/expression_eval.h"

namespace locust::worker {

// "status = 503", "json('/status') = 'closed'": one text for each variable, function or part of the
// response that the condition reads, in order, each once. Left out: the environment, and what would
// not be the same again (random numbers, the clock). Long values are cut; what is named like a
// credential is masked.
std::vector<std::string> describe_values(const Expr& condition, const EvalContext& context);

// "order = 5": one value in this form, cut and masked likewise.
std::string describe_value(const std::string& name, const ExprValue& value);

}  // namespace locust::worker
