// Compiles the texts, values and expressions of a plan, at load, and collects errors.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/scenario/scenario.h"
#include "worker/scenario/plan.h"
#include "worker/scenario/text.h"

namespace locust::worker {

// Shared by all compilers of parts of the plan. An error is recorded with its position, and the
// result is empty, so that one pass finds all errors.
class TextCompiler {
 public:
  TextCompiler(const Scenario& scenario, ScenarioRuntime& runtime)
      : scenario_(scenario), runtime_(runtime) {}

  void report(SourcePos pos, const std::string& message) { errors_.emplace_back(pos, message); }
  std::size_t error_count() const { return errors_.size(); }
  // In file order. An error in a host that several classes use is reported once.
  std::vector<std::string> errors();

  // Checks an expression's literals: regular expressions and JSON pointers.
  const Expr* check(const Expr& root, SourcePos pos);

  CompiledText text(const TextTemplate& source);
  CompiledValue value(const ValueTemplate& source);
  CompiledFields fields(const std::vector<NamedValue>& source, SourcePos pos);
  HeaderPlans headers(const std::vector<HeaderSpec>& specs);
  // For values that must be known before there is a user; `what` is the subject of an error.
  std::optional<std::string> constant_text(const TextTemplate& source, const std::string& what);

 private:
  void check_regex(const std::string& pattern, SourcePos pos);

  const Scenario& scenario_;
  ScenarioRuntime& runtime_;
  std::vector<std::pair<SourcePos, std::string>> errors_;
};

}  // namespace locust::worker
