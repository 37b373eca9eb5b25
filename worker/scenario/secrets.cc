#include "worker/scenario/secrets.h"

#include <string_view>
#include <utility>

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
  constexpr std::string_view kMask = "***";
  for (const std::string& secret : secrets) {
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kMask.size())) {
      text.replace(at, secret.size(), kMask);
    }
  }
}

}  // namespace locust::worker
