#include "proto/class_info.h"

#include <utility>

#include "common/scenario/task_ratios.h"

namespace locust::proto {

std::vector<ClassInfo> class_infos(const Scenario& scenario) {
  std::vector<ClassInfo> infos;
  for (const UserClassSpec& spec : scenario.users) {
    ClassInfo info{spec.name, spec.weight, spec.fixed_count, {}, task_ratios(spec.tasks)};
    const std::optional<TextTemplate>& host = spec.host ? spec.host : scenario.host;
    if (const std::string* text = host ? host->constant() : nullptr) info.host = *text;
    infos.push_back(std::move(info));
  }
  return infos;
}

}  // namespace locust::proto
