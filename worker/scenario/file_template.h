// The files of file() and template(), read at load.
#pragma once

#include <functional>
#include <string>

#include "common/scenario/scenario.h"
#include "worker/scenario/text.h"

namespace locust::worker {

// A file with its ${…}.
struct FileTemplate {
  TextTemplate text;  // `compiled` refers to it
  CompiledText compiled;
};

// Expressions of a template are walked below the one that called it, on a user's small stack.
inline constexpr int kMaxTemplateExprDepth = 16;

using ReportError = std::function<void(SourcePos pos, const std::string& message)>;

// Reads all of them into `runtime`; before anything is compiled or evaluated. Calls `visit` for
// every expression in a template, to check what it names.
void load_files(const Scenario& scenario, ScenarioRuntime& runtime, const ReportError& report,
                const std::function<void(const Expr& expr, SourcePos pos)>& visit);

}  // namespace locust::worker
