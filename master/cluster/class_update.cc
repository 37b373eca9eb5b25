#include "master/cluster/class_update.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "common/base/nearest_name.h"
#include "common/base/printable.h"
#include "common/scenario/base_url.h"

namespace locust::master {
namespace {

// The attributes of every class, sorted.
const std::vector<std::string_view>& attributes_of_all() {
  static const std::vector<std::string_view> names = {"fixed_count", "host", "tasks", "weight"};
  return names;
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Native workers report the files of their test.
bool runs_scenario(const WorkerNode& worker) {
  return worker.is_native && worker.files &&
         std::none_of(worker.files->begin(), worker.files->end(),
                      [](const FileDigest& file) { return file.name.ends_with(".py"); });
}

std::optional<std::string> task_problem(const proto::Value::Array& tasks,
                                        const proto::ClassInfo& described) {
  std::vector<std::string_view> known;
  for (const TaskRatio& task : described.tasks) known.push_back(task.name);
  for (const proto::Value& task : tasks) {
    const std::string& name = *task.str();
    if (contains(known, name)) continue;
    return "tasks: class '" + quoted_part(described.name) + "' has no task '" + quoted_part(name) +
           "'" + did_you_mean(name, known);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> class_update_problem(const proto::UpdateUserClass& update,
                                                const Master& master) {
  if (master.runs_scenario()) {
    const proto::Value* host = proto::find(update.attributes, "host");
    const std::string* url = host == nullptr ? nullptr : host->str();
    if (auto problem = url == nullptr ? std::nullopt : base_url_problem(*url)) {
      return "host: " + *problem;
    }
  }
  if (master.runs_scenario() || master.registry().any_present(runs_scenario)) {
    for (const auto& [key, value] : update.attributes) {
      const std::string& name = *key.str();
      const auto& known = attributes_of_all();
      if (contains(known, name)) continue;
      return fmt::format("{}: cannot be set; there are {} and {}{}", quoted_part(name),
                         fmt::join(known.begin(), known.end() - 1, ", "), known.back(),
                         did_you_mean(name, known));
    }
  }
  const proto::Value* tasks = proto::find(update.attributes, "tasks");
  const auto described = master.described_classes().find(update.user_class_name);
  if (tasks == nullptr || described == master.described_classes().end()) return std::nullopt;
  return described->second.tasks.empty() ? std::nullopt
                                         : task_problem(*tasks->array(), described->second);
}

}  // namespace locust::master
