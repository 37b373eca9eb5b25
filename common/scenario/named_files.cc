#include "common/scenario/named_files.h"

#include <filesystem>
#include <variant>

#include "common/scenario/expression.h"
#include "common/scenario/text_template.h"

namespace locust {
namespace {

class NamedFileCollector {
 public:
  std::vector<FileReference> collect(const Scenario& scenario) {
    for (const FeederSpec& feeder : scenario.feeders) {
      if (!feeder.path.empty()) files_.push_back({feeder.source_pos, feeder.path});
    }
    for (const FileCall& call : scenario.file_calls) {
      files_.push_back({call.pos, call.path, call.is_template});
    }
    for (const auto& [name, named] : scenario.steps) add(named.steps);
    add(scenario.test_start);
    add(scenario.test_stop);
    for (const UserClassSpec& user : scenario.users) {
      add(user.settings);
      add(user.after);
      add(user.on_start);
      add(user.tasks);
      add(user.on_stop);
    }
    return std::move(files_);
  }

 private:
  void add(const TextTemplate& path) {
    const std::string* constant = path.constant();
    if (constant != nullptr && !constant->empty()) files_.push_back({path.pos, *constant});
  }

  void add(const RequestSettings& settings) {
    for (const SettingSpec& setting : settings.values) {
      if (setting.key != RequestSetting::kCa) continue;
      if (const auto* constant = std::get_if<ExprValue>(&setting.value.node)) {
        const std::string* path = constant->as_text();
        if (path != nullptr) files_.push_back({setting.value.pos, *path});
      }
    }
  }

  void add(const RequestStep& request) {
    add(request.settings);
    if (const auto* file = std::get_if<FileBody>(&request.body)) {
      add(file->path);
    } else if (const auto* form = std::get_if<MultipartBody>(&request.body)) {
      for (const MultipartBody::Part& part : form->parts) {
        if (part.path) add(*part.path);
      }
    }
  }

  void add(const StepList& steps) {
    for (const ScenarioStep& step : steps) {
      if (const auto* request = std::get_if<RequestStep>(&step.action)) {
        add(*request);
      } else if (const auto* parallel = std::get_if<ParallelStep>(&step.action)) {
        for (const ParallelRequest& one : parallel->requests) add(one.request);
      }
      for (const StepList* inner : inner_steps(step)) add(*inner);
    }
  }

  void add(const std::vector<TaskSpec>& tasks) {
    for (const TaskSpec& task : tasks) {
      add(task.steps);
      add(task.on_start);
      add(task.tasks);
      add(task.on_stop);
    }
  }

  std::vector<FileReference> files_;
};

}  // namespace

std::vector<FileReference> named_files(const Scenario& scenario) {
  return NamedFileCollector().collect(scenario);
}

std::vector<std::string> named_files_of_template(std::string_view text) {
  std::vector<std::string> paths;
  VariableNames variables;
  const ParsedText parsed = parse_text(text, variables);
  for (const TextTemplate::Part& part : parsed.text.parts) {
    if (!part.expr) continue;
    walk_expression(*part.expr, [&paths](const Expr& e) {
      const auto* call = std::get_if<ExprCall>(&e.node);
      if (call == nullptr || call->function != ExprFunction::kFile) return;
      for (const ExprPtr& argument : call->arguments) {
        if (const std::string* path = literal_text(*argument)) paths.push_back(*path);
      }
    });
  }
  return paths;
}

std::string directory_of(const Scenario& scenario, SourcePos pos) {
  const std::filesystem::path file = scenario.files[static_cast<std::size_t>(pos.file)];
  return file.parent_path().string();
}

std::string path_from(const Scenario& scenario, SourcePos pos, const std::string& path) {
  return (std::filesystem::path(directory_of(scenario, pos)) / path).string();
}

}  // namespace locust
