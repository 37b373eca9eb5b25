#include "master/run/run_form.h"

#include <algorithm>

#include "common/base/mask.h"
#include "common/base/printable.h"
#include "common/scenario/base_url.h"
#include "master/run/run_classes.h"
#include "master/run/run_host.h"
#include "master/run/run_request.h"
#include "master/run/run_shape.h"
#include "master/web/http_text.h"

namespace locust::master {
namespace {

constexpr std::string_view kNoShape = "Default";  // the class picker's, as in stock

}  // namespace

RunForm::RunForm(const Master& master, const MasterOptions& options, const Scenario* scenario,
                 const LocustfileArguments* locustfile)
    : master_(master),
      options_(options),
      scenario_(scenario),
      locustfile_(locustfile),
      view_(initial_form(options, scenario, locustfile)) {
  // Where nobody chooses a shape the form says from the start which one it will be.
  if (!view_.class_picker) (void)make_shape(of_command_line(), view_);
}

web::SwarmForm RunForm::of_command_line() const {
  const bool has_shapes = scenario_ != nullptr && !scenario_->shapes.empty();
  return {.user_count = view_.users,
          .spawn_rate = view_.spawn_rate,
          .user_classes = view_.class_picker ? options_.user_classes : std::vector<std::string>(),
          .shape_class = options_.shape.value_or(has_shapes ? scenario_->shapes.front().name
                                                            : std::string(kNoShape)),
          .run_time = options_.run_time.value_or(0) > 0 ? options_.run_time : std::nullopt};
}

Result<RunForm::Filled> RunForm::fill(const web::SwarmForm& form) const {
  if (auto problem = unknown_choice(form)) return Error{*std::move(problem)};
  Filled filled{.view = filled_view(form), .values = master_.parsed_options(), .shape = {}};
  if (const auto taken =
          take_fields(form.others, scenario_, locustfile_, filled.view, filled.values);
      !taken) {
    return Error{taken.error()};
  }
  auto shape = make_shape(form, filled.view);
  if (!shape) return Error{shape.error()};
  filled.shape = *std::move(shape);
  if (!filled.shape && (!form.user_count || form.spawn_rate.value_or(0) <= 0)) {
    return Error{web::kInvalidCounts};
  }
  return filled;
}

std::optional<std::string> RunForm::host_problem(const std::string& host) const {
  // Of Python's classes only they themselves know.
  if (scenario_ == nullptr || !master_.runs_scenario()) return std::nullopt;
  if (auto problem = base_url_problem(host)) return "Host: " + *problem;
  if (!host.empty() || !options_.as_one_process) return std::nullopt;
  const auto configs = parse_config_users(options_.config_users);
  return missing_host(*scenario_, names_of_classes(master_.catalog()),
                      configs ? *configs : std::vector<UserConfig>());
}

// Why the class picker's choice cannot be had.
std::optional<std::string> RunForm::unknown_choice(const web::SwarmForm& form) const {
  if (!view_.class_picker) return std::nullopt;
  const auto known = master_.catalog().known();
  if (known.empty()) return "UserClass picker is active but there are no available UserClasses";
  for (const std::string& name : form.user_classes) {
    const auto place = std::find_if(known.begin(), known.end(), [&name](const auto& known_class) {
      return known_class.user_class.name == name;
    });
    if (place == known.end()) return "Unknown User(s): " + quoted_part(name);
  }
  return std::nullopt;
}

FormView RunForm::filled_view(const web::SwarmForm& form) const {
  FormView view = view_;
  // The form shows the host without its password; sent back like that, it stays.
  if (form.host && *form.host != masked(view_.host)) view.host = *form.host;
  if (form.user_count) view.users = *form.user_count;
  if (form.spawn_rate) view.spawn_rate = *form.spawn_rate;
  if (form.run_time) view.run_time = std::to_string(*form.run_time) + "s";
  if (form.profile) view.profile = *form.profile;
  return view;
}

// The command line's or the scenario's, or, with the class picker, the one that was chosen.
Result<std::optional<Shape>> RunForm::make_shape(const web::SwarmForm& form, FormView& view) const {
  MasterOptions options = options_;
  options.users = view.users;
  options.spawn_rate = view.spawn_rate;
  options.run_time = form.run_time;
  if (view.class_picker) {
    // An edit chooses none.
    const std::string chosen = form.shape_class.value_or(
        master_.in_test() ? view_.shape.value_or(std::string(kNoShape)) : std::string(kNoShape));
    options.shape = chosen == kNoShape ? "none" : chosen;
    options.user_classes = form.user_classes;
  }
  auto shape = run_shape(options, scenario_);
  if (!shape) return shape;
  view.shape = std::nullopt;
  if (*shape) {
    view.shape = options.shape.value_or(scenario_->shapes.front().name);
    view.use_common_options =
        (*shape)->reads("users") || (*shape)->reads("spawn_rate") || (*shape)->reads("run_time");
  } else {
    view.use_common_options = true;
  }
  return shape;
}

}  // namespace locust::master
