#include "common/scenario.h"

namespace locust {

const std::string* TextTemplate::constant() const {
  static const std::string empty;
  if (parts.empty()) return &empty;
  return parts.size() == 1 && !parts.front().expr ? &parts.front().literal : nullptr;
}

const Expr* TextTemplate::sole_expression() const {
  return parts.size() == 1 ? parts.front().expr.get() : nullptr;
}

std::string to_string(const Scenario& scenario, SourcePos pos) {
  return scenario.files[static_cast<std::size_t>(pos.file)] + ":" + std::to_string(pos.line) + ":" +
         std::to_string(pos.column);
}

}  // namespace locust
