#include "master/run/run_shape.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "common/base/nearest_name.h"
#include "common/base/printable.h"

namespace locust::master {
namespace {

// A class that the shape has users of but the command line does not select; null if there is none.
const std::string* class_left_out(const std::vector<std::string>& selected, const ShapeSpec& spec) {
  const auto* stages = std::get_if<std::vector<ShapeStage>>(&spec.load);
  if (stages == nullptr || selected.empty()) return nullptr;
  for (const ShapeStage& stage : *stages) {
    for (const ClassCount& users : stage.classes) {
      if (std::find(selected.begin(), selected.end(), users.name) == selected.end()) {
        return &users.name;
      }
    }
  }
  return nullptr;
}

// The shape that --shape names, by default the first; null if there is none.
Result<const ShapeSpec*> chosen_shape(const std::optional<std::string>& given,
                                      const Scenario* scenario) {
  const bool any = scenario != nullptr && !scenario->shapes.empty();
  if (given == "none" || (!any && !given)) return nullptr;
  if (!any) return Error{"--shape " + quoted_part(*given) + ": the scenario has no shapes"};
  if (!given) return &scenario->shapes.front();
  std::vector<std::string_view> known = {"none"};
  for (const ShapeSpec& shape : scenario->shapes) {
    if (shape.name == *given) return &shape;
    known.push_back(shape.name);
  }
  return Error{"--shape " + quoted_part(*given) + ": the scenario has no shape of this name" +
               did_you_mean(*given, known)};
}

}  // namespace

Result<std::optional<Shape>> run_shape(const MasterOptions& options, const Scenario* scenario) {
  const auto spec = chosen_shape(options.shape, scenario);
  if (!spec) return Error{spec.error()};
  if (*spec == nullptr) return std::optional<Shape>();
  if (const std::string* name = class_left_out(options.user_classes, **spec)) {
    return Error{"the shape " + in_quotes((*spec)->name) + " has users of " + in_quotes(*name) +
                 ", which is not among the user classes named on the command line; add it, or "
                 "choose another shape by --shape"};
  }
  ShapeOptions values;
  values.users = options.users.value_or(values.users);
  values.spawn_rate = options.spawn_rate.value_or(values.spawn_rate);
  if (options.run_time.value_or(0) > 0) values.run_time = std::chrono::seconds(*options.run_time);
  auto shape = Shape::make(*scenario, **spec, values);
  if (!shape) return Error{shape.error()};
  return std::optional<Shape>(std::move(*shape));
}

void warn_of_ignored_options(const MasterOptions& options, const Shape& shape) {
  std::vector<std::string_view> ignored;
  if (options.users.value_or(0) > 0 && !shape.reads("users")) ignored.push_back("--users");
  if (options.spawn_rate && !shape.reads("spawn_rate")) ignored.push_back("--spawn-rate");
  if (options.run_time.value_or(0) > 0 && !shape.reads("run_time")) ignored.push_back("--run-time");
  if (ignored.empty()) return;
  log::main().warn(
      "--run-time, --users or --spawn-rate have no impact on LoadShapes unless the shape class "
      "explicitly reads them. See: "
      "docs.locust.io/en/stable/custom-load-shape.html#use-common-options");
  log::main().warn("The following option(s) will be ignored: {}", fmt::join(ignored, ", "));
}

}  // namespace locust::master
