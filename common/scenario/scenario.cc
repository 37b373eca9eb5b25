#include "common/scenario/scenario.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>

namespace locust {

const std::string* TextTemplate::constant() const {
  static const std::string empty;
  if (parts.empty()) return &empty;
  return parts.size() == 1 && !parts.front().expr ? &parts.front().literal : nullptr;
}

const Expr* TextTemplate::sole_expression() const {
  return parts.size() == 1 ? parts.front().expr.get() : nullptr;
}

std::vector<const StepList*> inner_steps(const ScenarioStep& step) {
  std::vector<const StepList*> lists;
  if (const auto* branch = std::get_if<IfStep>(&step.action)) {
    lists = {&branch->then_steps, &branch->else_steps};
  } else if (const auto* loop = std::get_if<LoopStep>(&step.action)) {
    lists = {&loop->steps};
  } else if (const auto* transaction = std::get_if<TransactionStep>(&step.action)) {
    lists = {&transaction->steps};
  } else if (const auto* request = std::get_if<RequestStep>(&step.action)) {
    lists = {&request->after};
  } else if (const auto* parallel = std::get_if<ParallelStep>(&step.action)) {
    for (const ParallelRequest& r : parallel->requests) lists.push_back(&r.request.after);
  } else if (const auto* choose = std::get_if<ChooseStep>(&step.action)) {
    for (const ChooseStep::Branch& b : choose->branches) lists.push_back(&b.steps);
  }
  return lists;
}

std::optional<std::string> not_a_choice(const ArgumentSpec& argument, std::string_view value) {
  const std::vector<std::string>& choices = argument.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) {
    return std::nullopt;
  }
  return fmt::format("{}: '{}' is none of: {}", argument.name, value.substr(0, 100),
                     fmt::join(choices, ", "));
}

std::string to_string(const Scenario& scenario, SourcePos pos) {
  return scenario.files[static_cast<std::size_t>(pos.file)] + ":" + std::to_string(pos.line) + ":" +
         std::to_string(pos.column);
}

}  // namespace locust
