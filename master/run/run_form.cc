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

void show_shape(const std::optional<Shape>& shape, const std::string& name, FormView& view) {
  view.shape = std::nullopt;
  view.use_common_options = true;
  if (!shape) return;
  view.shape = name;
  view.use_common_options =
      shape->reads("users") || shape->reads("spawn_rate") || shape->reads("run_time");
}

}  // namespace

RunForm::RunForm(const Master& master, const MasterOptions& options, const RunSetup& setup)
    : master_(master),
      options_(options),
      setup_(setup),
      view_(initial_form(options, setup.scenario, setup.locustfile)) {
  // Without a class picker the form says from the start which shape it will be.
  refresh_shape();
}

void RunForm::refresh_shape() {
  if (view_.class_picker) return;
  const ChosenShape chosen = default_shape();
  show_shape(chosen.shape, chosen.name, view_);
}

web::SwarmForm RunForm::of_command_line() const {
  const bool has_shapes = setup_.scenario != nullptr && !setup_.scenario->shapes.empty();
  return {.user_count = view_.users,
          .spawn_rate = view_.spawn_rate,
          .user_classes = view_.class_picker ? options_.user_classes : std::vector<std::string>(),
          .shape_class = options_.shape.value_or(has_shapes ? setup_.scenario->shapes.front().name
                                                            : std::string(kNoShape)),
          .run_time = options_.run_time.value_or(0) > 0 ? options_.run_time : std::nullopt};
}

Result<RunForm::Filled> RunForm::fill(const RunRequest& request) const {
  const web::SwarmForm& form = request.form;
  if (auto problem = unknown_choice(form)) return Error{*std::move(problem)};
  Filled filled{.view = filled_view(form), .values = master_.parsed_options(), .shape = {}};
  if (const auto taken =
          take_fields(form.others, setup_.scenario, setup_.locustfile, filled.view, filled.values);
      !taken) {
    return Error{taken.error()};
  }
  auto chosen = shape_of(request, filled.view);
  if (!chosen) return Error{chosen.error()};
  show_shape(chosen->shape, chosen->name, filled.view);
  filled.shape = std::move(chosen->shape);
  if (!filled.shape && (!form.user_count || form.spawn_rate.value_or(0) <= 0)) {
    return Error{web::kInvalidCounts};
  }
  return filled;
}

std::optional<std::string> RunForm::host_problem(const std::string& host) const {
  // Python classes may set their host in code.
  if (setup_.scenario == nullptr || !master_.runs_scenario()) return std::nullopt;
  if (auto problem = base_url_problem(host)) return "Host: " + *problem;
  if (!host.empty() || !options_.as_one_process) return std::nullopt;
  return missing_host(*setup_.scenario, names_of_classes(master_.catalog()), setup_.config_users);
}

// Why the choice of the class picker is invalid.
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
  // The form shows the host without its password. If it comes back like that, the host stays.
  if (form.host && *form.host != masked(view_.host)) view.host = *form.host;
  if (form.user_count) view.users = *form.user_count;
  if (form.spawn_rate) view.spawn_rate = *form.spawn_rate;
  if (form.run_time) view.run_time = std::to_string(*form.run_time) + "s";
  if (form.profile) view.profile = *form.profile;
  return view;
}

// With the class picker the form chooses the shape, else the command line or the scenario.
MasterOptions RunForm::shape_options(const web::SwarmForm& form, const FormView& view) const {
  MasterOptions options = options_;
  options.users = view.users;
  options.spawn_rate = view.spawn_rate;
  options.run_time = form.run_time;
  if (view.class_picker) {
    // An edit does not choose a shape.
    const std::string chosen = form.shape_class.value_or(
        master_.in_test() ? view_.shape.value_or(std::string(kNoShape)) : std::string(kNoShape));
    options.shape = chosen == kNoShape ? "none" : chosen;
    options.user_classes = form.user_classes;
  }
  return options;
}

std::string RunForm::name_of_shape(const MasterOptions& options) const {
  return options.shape.value_or(setup_.scenario->shapes.front().name);
}

// The shape of a test whose requester does not choose one.
RunForm::ChosenShape RunForm::default_shape() const {
  if (setup_.locustfile_shape == nullptr) {
    if (!setup_.shape) return {};
    return {setup_.shape, name_of_shape(options_)};
  }
  const auto spec = setup_.locustfile_shape->shape();
  if (!spec) return {};
  auto shape = Shape::make(*setup_.scenario, *spec, {});
  if (!shape) return {};
  return {*std::move(shape), spec->name};
}

Result<RunForm::ChosenShape> RunForm::shape_of(const RunRequest& request,
                                               const FormView& view) const {
  const MasterOptions options = shape_options(request.form, view);
  const bool has_code = setup_.locustfile_shape != nullptr;
  if (request.by == Requester::kCommandLine || has_code) {
    ChosenShape chosen = default_shape();
    const bool is_chosen = chosen.shape && options.shape == chosen.name;
    if (request.by == Requester::kCommandLine || !view_.class_picker || is_chosen) return chosen;
  }
  auto shape = run_shape(options, setup_.scenario);
  if (!shape) return Error{shape.error()};
  if (!*shape) return ChosenShape{};
  return ChosenShape{*std::move(shape), name_of_shape(options)};
}

}  // namespace locust::master
