// The files of file() and template(), read at load.
#pragma once

#include <functional>
#include <string>

#include "common/scenario/scenario.h"
#include "worker/scenario/text.h"

namespace locust::worker {

// A file that contains ${…}.
struct FileTemplate {
  TextTemplate text;  // `compiled` refers to it
  CompiledText compiled;
};

// Bounds the depth, because a template's expressions are evaluated below the calling one, on a
// user's small stack.
inline constexpr int kMaxTemplateExprDepth = 16;

using ReportError = std::function<void(SourcePos pos, const std::string& message)>;

// Reads all files into `runtime`, before anything is compiled or evaluated. Calls `visit` for every
// expression in a template, to check its names.
void load_files(const Scenario& scenario, ScenarioRuntime& runtime, const ReportError& report,
                const std::function<void(const Expr& expr, SourcePos pos)>& visit);

}  // namespace locust::worker
