#include "master/run/web_run.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "common/base/mask.h"
#include "common/base/printable.h"
#include "common/scenario/base_url.h"
#include "master/cluster/class_update.h"
#include "master/report/verdict_table.h"
#include "master/run/run_host.h"
#include "master/run/run_shape.h"
#include "master/run/run_verdicts.h"
#include "master/web/http_text.h"

namespace locust::master {
namespace {

constexpr std::string_view kNoShape = "Default";  // the class picker's, as in stock
constexpr std::string_view kNotStarted = "The test could not be started; the log says why";

std::optional<std::string> none_if_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

WebRun::WebRun(Scheduler& scheduler, Master& master, const MasterOptions& options,
               const Scenario* scenario, std::vector<Threshold> thresholds,
               std::function<void(int)> finished, const LocustfileArguments* locustfile)
    : scheduler_(scheduler),
      master_(master),
      options_(options),
      scenario_(scenario),
      locustfile_(locustfile),
      finished_(std::move(finished)),
      thresholds_(scheduler, master.clock(), master.stats(), std::move(thresholds),
                  [this](const Verdict& verdict) {
                    log::main().error("Threshold {} does not hold: {}; stopping test",
                                      threshold_text(verdict.threshold), measured_text(verdict));
                    stop();
                  }),
      wait_(
          scheduler, master,
          {static_cast<std::size_t>(options.expect_workers),
           std::chrono::seconds(options.expect_workers_max_wait)},
          [this] { autostart(); },
          [this] {
            result_.forced_exit_code = 1;
            interrupt();
          }),
      form_(initial_form(options, scenario, locustfile)) {
  master_.subscribe(*this);
  // Where nobody chooses a shape the form says from the begin which one it will be.
  if (!form_.class_picker) (void)make_shape({}, form_);
}

WebRun::~WebRun() {
  master_.unsubscribe(*this);
  scheduler_.cancel(run_timer_);
  scheduler_.cancel(quit_timer_);
}

bool WebRun::in_test() const {
  return master_.state() == MasterState::kSpawning || master_.state() == MasterState::kRunning;
}

// ---- What the page asks for ----

web::SwarmReply WebRun::refusal(std::string message) const {
  log::main().error("{}", message);
  return {.success = false, .message = std::move(message), .host = none_if_empty(form_.host)};
}

web::SwarmReply WebRun::swarm(const web::SwarmForm& form) {
  if (!form_.class_picker && (!form.user_classes.empty() || form.shape_class)) {
    log::main().warn("/swarm: user_classes and shape_class have no effect without --class-picker");
  }
  web::SwarmReply reply = start_or_edit(form, /*automatic=*/false);
  if (reply.success) wait_.cancel();  // what the command line asks for is not needed any more
  return reply;
}

// What is refused has changed nothing but the choice of classes.
web::SwarmReply WebRun::start_or_edit(const web::SwarmForm& form, bool automatic) {
  if (quitting_) return refusal("The master is shutting down");
  if (auto problem = unknown_choice(form)) return refusal(*std::move(problem));
  FormView filled = filled_with(form);
  proto::Value::Map values = master_.parsed_options();
  if (const auto taken = take_fields(form.others, scenario_, locustfile_, filled, values); !taken) {
    return refusal(taken.error());
  }
  auto made = make_shape(form, filled);
  if (!made) return refusal(made.error());
  std::optional<Shape>& shape = *made;
  if (!shape && (!form.user_count || form.spawn_rate.value_or(0) <= 0)) {
    return refusal(web::kInvalidCounts);
  }
  // Without a choice a test that runs keeps its classes, another one has all.
  if (form_.class_picker && (!form.user_classes.empty() || !in_test())) {
    master_.select_classes(form.user_classes);
  }
  if (auto problem = host_problem(filled.host)) return refusal(*std::move(problem));
  if (auto problem = obstacle(shape ? 0 : *form.user_count)) return refusal(*std::move(problem));

  form_ = std::move(filled);
  master_.set_parsed_options(std::move(values));
  if (form.host) master_.set_host(none_if_empty(form_.host));
  web::SwarmReply reply{
      .success = true,
      .message = "Swarming started",
      .host = form.host || !form_.host.empty() ? std::optional(masked(form_.host)) : std::nullopt};
  std::optional<std::string> problem;
  if (shape) {
    reply.message = "Swarming started using shape class '" + form_.shape.value_or("") + "'";
    problem = start_shape(*std::move(shape), automatic);
  } else {
    problem = start_users(*form.user_count, *form.spawn_rate, automatic);
    if (form.run_time && !problem) limit_run_time(*form.run_time);
    reply.run_time = form.run_time;
    if (form_.class_picker) reply.user_classes = names_of_classes();
  }
  return problem ? refusal(*std::move(problem)) : reply;
}

// Why the classes of the test cannot send anything there; of Python's only they themselves know.
std::optional<std::string> WebRun::host_problem(const std::string& host) const {
  if (scenario_ == nullptr || !master_.runs_scenario()) return std::nullopt;
  if (auto problem = base_url_problem(host)) return "Host: " + *problem;
  if (!host.empty() || !options_.as_one_process) return std::nullopt;
  const auto configs = parse_config_users(options_.config_users);
  return missing_host(*scenario_, names_of_classes(),
                      configs ? *configs : std::vector<UserConfig>());
}

// Why so many users cannot be had; of a shape only its begin is known.
std::optional<std::string> WebRun::obstacle(std::int64_t users) const {
  if (auto problem = missing_classes(master_.catalog())) return problem;
  return master_.obstacle(users);
}

// Why the class picker's choice cannot be had.
std::optional<std::string> WebRun::unknown_choice(const web::SwarmForm& form) const {
  if (!form_.class_picker) return std::nullopt;
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

// What is not in the form stays as it was.
FormView WebRun::filled_with(const web::SwarmForm& form) const {
  FormView filled = form_;
  // The form shows the host without its password; sent back like that, it stays.
  if (form.host && *form.host != masked(form_.host)) filled.host = *form.host;
  if (form.user_count) filled.users = *form.user_count;
  if (form.spawn_rate) filled.spawn_rate = *form.spawn_rate;
  if (form.run_time) filled.run_time = std::to_string(*form.run_time) + "s";
  if (form.profile) filled.profile = *form.profile;
  return filled;
}

// The command line's or the scenario's, or, with the class picker, the one that was chosen.
Result<std::optional<Shape>> WebRun::make_shape(const web::SwarmForm& form,
                                                FormView& filled) const {
  MasterOptions options = options_;
  options.users = filled.users;
  options.spawn_rate = filled.spawn_rate;
  options.run_time = form.run_time;
  if (filled.class_picker) {
    // An edit chooses none.
    const std::string chosen = form.shape_class.value_or(
        in_test() ? form_.shape.value_or(std::string(kNoShape)) : std::string(kNoShape));
    options.shape = chosen == kNoShape ? "none" : chosen;
    options.user_classes = form.user_classes;
  }
  auto shape = run_shape(options, scenario_);
  if (!shape) return shape;
  filled.shape = std::nullopt;
  if (*shape) {
    filled.shape = options.shape.value_or(scenario_->shapes.front().name);
    filled.use_common_options =
        (*shape)->reads("users") || (*shape)->reads("spawn_rate") || (*shape)->reads("run_time");
  } else {
    filled.use_common_options = true;
  }
  return shape;
}

std::vector<std::string> WebRun::names_of_classes() const {
  std::vector<std::string> names;
  for (const UserClass& user_class : master_.catalog().classes()) names.push_back(user_class.name);
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::string> WebRun::start_shape(Shape shape, bool automatic) {
  if (shape_runner_ && in_test()) {
    log::runners().info("There is an ongoing shape test running. Editing is disabled");
    return std::nullopt;
  }
  if (in_test()) stop();
  test_begins(automatic);
  plan_.shape = form_.shape;
  shape_runner_.emplace(scheduler_, master_, std::move(shape), [this] {
    if (automatic_) return end_automatic_run("Shape test completed");
    stop();
  });
  shape_runner_->start();
  if (in_test()) {
    thresholds_.start();
  } else if (shape_runner_->is_running()) {
    shape_runner_->stop();
    return std::string(kNotStarted);
  }
  return std::nullopt;
}

std::optional<std::string> WebRun::start_users(std::int64_t users, double spawn_rate,
                                               bool automatic) {
  const bool edits = in_test();
  if (edits && shape_runner_) {
    shape_runner_->stop();
    shape_runner_.reset();
    plan_.shape = std::nullopt;
  }
  note_fixed_counts(master_, users);
  master_.start(users, spawn_rate);
  if (!in_test()) return std::string(kNotStarted);
  if (edits) return std::nullopt;
  test_begins(automatic);
  thresholds_.start();
  return std::nullopt;
}

// A new one, whatever is left of the last.
void WebRun::test_begins(bool automatic) {
  scheduler_.cancel(std::exchange(run_timer_, 0));
  scheduler_.cancel(std::exchange(quit_timer_, 0));
  shape_runner_.reset();
  automatic_ = automatic;
  plan_ = {};
  result_ = {};
  judgement_.reset();
  has_tested_ = true;
}

void WebRun::limit_run_time(std::int64_t seconds) {
  plan_.run_time = seconds;
  scheduler_.cancel(run_timer_);
  run_timer_ = scheduler_.call_after(std::chrono::seconds(seconds), [this] {
    run_timer_ = 0;
    if (automatic_) return end_automatic_run("--run-time limit reached");
    stop();
  });
}

void WebRun::stop() {
  scheduler_.cancel(std::exchange(run_timer_, 0));
  if (shape_runner_) shape_runner_->stop();
  thresholds_.stop();
  master_.stop();
  if (std::exchange(automatic_, false)) count_down_to_quit();
}

void WebRun::reset_stats() {
  if (!in_test() && !judgement_) judgement_ = judgement();
  master_.reset_stats();
}

Judgement WebRun::judgement() const {
  if (judgement_) return *judgement_;
  if (!has_tested_) return {};
  return {thresholds_.verdicts(), run_checks(options_.verdicts.checks, master_.stats().total())};
}

Result<void> WebRun::update_user_class(const proto::UpdateUserClass& update) {
  if (auto problem = class_update_problem(update, master_)) {
    return Error{*std::move(problem)};
  }
  if (!master_.update_user_class(update)) {
    return Error{"there is no user class '" + quoted_part(update.user_class_name) + "'"};
  }
  return {};
}

// ---- What the command line asks for ----

void WebRun::begin() {
  if (options_.autostart) wait_.begin();
}

void WebRun::autostart() {
  const bool has_shapes = scenario_ != nullptr && !scenario_->shapes.empty();
  const web::SwarmForm form{
      .user_count = form_.users,
      .spawn_rate = form_.spawn_rate,
      .user_classes = form_.class_picker ? options_.user_classes : std::vector<std::string>(),
      .shape_class = options_.shape.value_or(has_shapes ? scenario_->shapes.front().name
                                                        : std::string(kNoShape)),
      .run_time = options_.run_time.value_or(0) > 0 ? options_.run_time : std::nullopt};
  const bool limited = form.run_time.has_value();
  const web::SwarmReply reply = start_or_edit(form, /*automatic=*/true);
  if (!reply.success) {
    result_.forced_exit_code = 1;  // it has been said why
    return interrupt();
  }
  if (plan_.shape) return;
  if (limited) {
    log::main().info("Run time limit set to {} seconds", *form.run_time);
  } else {
    log::main().info("No run time limit set, use CTRL+C to interrupt");
  }
}

void WebRun::end_automatic_run(const std::string& reason) {
  log::main().info("{}, stopping test", reason);
  stop();
}

void WebRun::count_down_to_quit() {
  if (options_.autoquit < 0) {
    log::main().info("--autoquit not specified, leaving web ui running indefinitely");
    return;
  }
  log::main().debug("Autoquit time limit set to {} seconds", options_.autoquit);
  quit_timer_ = scheduler_.call_after(std::chrono::seconds(options_.autoquit), [this] {
    quit_timer_ = 0;
    log::main().info("--autoquit time reached, shutting down");
    interrupt();
  });
}

void WebRun::press(char key) {
  if (quitting_) return;
  const auto users = users_of_key(master_, key);
  if (!users) return;
  if (in_test()) return master_.start(*users, kKeySpawnRate);  // a shape goes on from there
  if (*users == 0) return;
  if (const auto problem = obstacle(*users)) return log::main().error("{}", *problem);
  (void)start_users(*users, kKeySpawnRate, /*automatic=*/false);
}

void WebRun::interrupt() {
  quitting_ = true;
  automatic_ = false;
  wait_.cancel();
  thresholds_.stop();
  scheduler_.cancel(std::exchange(run_timer_, 0));
  scheduler_.cancel(std::exchange(quit_timer_, 0));
  if (shape_runner_) shape_runner_->stop();
  master_.quit();
}

// ---- What the master tells ----

void WebRun::on_last_worker_gone() { stop(); }

// A shape may start others.
void WebRun::on_users_gone() {
  if (plan_.shape && !master_.limits_iterations()) return;
  log::main().info("All users have stopped by themselves, stopping test");
  stop();
}

void WebRun::on_worker_loss() {
  result_.forced_exit_code = 1;
  stop();
}

void WebRun::on_stop_test() { stop(); }

void WebRun::on_worker_exit() {
  if (!quitting_) interrupt();
}

void WebRun::on_quit_complete() {
  finished_(conclude(master_, judgement(), exit_rules(options_.verdicts), result_));
}

}  // namespace locust::master
