#include "worker/scenario/file_template.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "common/base/nearest_name.h"
#include "common/base/utf8.h"
#include "common/scenario/named_files.h"
#include "common/scenario/text_template.h"
#include "worker/scenario/scenario_file.h"

namespace locust::worker {
namespace {

class FileLoader {
 public:
  FileLoader(const Scenario& scenario, ScenarioRuntime& runtime, const ReportError& report,
             const std::function<void(const Expr&, SourcePos)>& visit)
      : scenario_(scenario), runtime_(runtime), report_(report), visit_(visit) {
    for (const std::string& name : scenario.variables) variables_.slot(name);
  }

  void load(const FileCall& call) {
    const std::string path = path_from(scenario_, call.pos, call.path);
    auto text = read_scenario_file(path);
    if (!text) return report_(call.pos, text.error());
    if (!call.is_template) {
      runtime_.files[call.call] = *std::move(text);
    } else if (!is_valid_utf8(*text)) {
      report_(call.pos, path + " is not UTF-8 text; save it as UTF-8, or use file()");
    } else {
      load_template(call, path, *text);
    }
  }

 private:
  static std::string line_of(const std::string& text, std::size_t offset) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
    return std::to_string(std::count(text.begin(), end, '\n') + 1);
  }

  void load_template(const FileCall& call, const std::string& path, const std::string& text) {
    ParsedText parsed = parse_text(text, variables_);
    if (parsed.error) {
      report_(call.pos,
              path + ":" + line_of(text, parsed.error->offset) + ": " + parsed.error->message);
      return;
    }
    auto file = std::make_unique<FileTemplate>();
    file->text = std::move(parsed.text);
    file->text.pos = call.pos;
    bool good = true;
    for (const TextTemplate::Part& part : file->text.parts) {
      if (!part.expr) continue;
      const std::string wrong = examine(call, *part.expr);
      if (wrong.empty()) continue;
      good = false;
      report_(call.pos, path + ":" + line_of(text, part.expr->offset) + ": " + wrong);
    }
    if (!good) return;
    try {
      file->compiled = CompiledText(file->text, runtime_);
    } catch (const ExprFailure& e) {
      return report_(call.pos, path + ": " + e.what());
    }
    runtime_.templates[call.call] = std::move(file);
  }

  // Returns the error of a template's expression, if any. Loads the files that it names in turn.
  std::string examine(const FileCall& call, const Expr& root) {
    if (root.depth > kMaxTemplateExprDepth) return "this expression is nested too deeply";
    std::string wrong;
    walk_expression(root, [&](const Expr& e) {
      if (const auto* variable = std::get_if<ExprVariable>(&e.node)) {
        const std::vector<std::string>& known = scenario_.variables;
        if (static_cast<std::size_t>(variable->slot) < known.size()) return;
        wrong = "unknown name " + in_quotes(variable->name) + ": nothing sets it" +
                did_you_mean(variable->name, {known.begin(), known.end()});
      } else if (const auto* inner = std::get_if<ExprCall>(&e.node)) {
        if (inner->function == ExprFunction::kTemplate) {
          wrong = "a template cannot contain another one";
        } else if (inner->function == ExprFunction::kFile) {
          load({.pos = call.pos,
                .call = inner,
                .is_template = false,
                .path = *literal_text(*inner->arguments.front())});
        }
      }
    });
    if (wrong.empty()) visit_(root, call.pos);
    return wrong;
  }

  const Scenario& scenario_;
  ScenarioRuntime& runtime_;
  const ReportError& report_;
  const std::function<void(const Expr&, SourcePos)>& visit_;
  VariableNames variables_;
};

}  // namespace

void load_files(const Scenario& scenario, ScenarioRuntime& runtime, const ReportError& report,
                const std::function<void(const Expr&, SourcePos)>& visit) {
  FileLoader loader(scenario, runtime, report, visit);
  for (const FileCall& call : scenario.file_calls) loader.load(call);
}

}  // namespace locust::worker
