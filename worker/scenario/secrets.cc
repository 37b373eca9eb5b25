#include "worker/scenario/secrets.h"

#include <utility>

#include "common/text.h"

namespace locust::worker {

std::vector<std::string> secret_values(const Scenario& scenario, const ScenarioRuntime& runtime) {
  std::vector<std::string> values;
  for (const ArgumentSpec& argument : scenario.arguments) {
    if (!argument.secret) continue;
    std::string value = runtime.argument(argument.name).to_text();
    if (!value.empty()) values.push_back(std::move(value));
  }
  return values;
}

void mask_secrets(std::string& text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) replace_all(text, secret, "***");
}

}  // namespace locust::worker
