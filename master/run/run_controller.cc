#include "master/run/run_controller.h"

#include <utility>

#include "common/base/log.h"
#include "common/base/mask.h"
#include "common/base/printable.h"
#include "master/cluster/class_update.h"
#include "master/report/verdict_table.h"
#include "master/run/run_classes.h"

namespace locust::master {
namespace {

constexpr std::string_view kNotStarted = "The test could not be started; the log says why";

std::optional<std::string> none_if_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

void log_run_time(std::optional<std::int64_t> seconds) {
  if (seconds) {
    log::main().info("Run time limit set to {} seconds", *seconds);
  } else {
    log::main().info("No run time limit set, use CTRL+C to interrupt");
  }
}

}  // namespace

RunController::RunController(Scheduler& scheduler, Master& master, const MasterOptions& options,
                             RunSetup setup, std::function<void(int)> finished)
    : scheduler_(scheduler),
      master_(master),
      options_(options),
      setup_(std::move(setup)),
      finished_(std::move(finished)),
      form_(master, options, setup_),
      judge_(scheduler, master, options.verdicts, setup_.thresholds,
             [this](const Verdict& verdict) {
               log::main().error("Threshold {} does not hold: {}; {}",
                                 threshold_text(verdict.threshold), measured_text(verdict),
                                 consequence());
               stop();
             }),
      wait_(
          scheduler, master,
          {static_cast<std::size_t>(options.expect_workers),
           std::chrono::seconds(options.expect_workers_max_wait)},
          [this] { start_automatically(); }, [this] { fail(); }),
      run_time_(scheduler),
      autoquit_(scheduler) {
  master_.subscribe(*this);
  if (!is_headless()) return;
  plan_headless();
  judge_.begin_test();
}

RunController::~RunController() { master_.unsubscribe(*this); }

// ---- The command line ----

// Reports show the plan of the run and its thresholds even if its test never starts.
void RunController::plan_headless() {
  plan_ = {.shape = form_.view().shape};
  if (!plan_.shape) plan_.run_time = form_.of_command_line().run_time;
}

void RunController::begin() {
  if (is_headless() || options_.autostart) wait_.begin();
}

void RunController::start_automatically() {
  const RunRequest automatic{.by = Requester::kCommandLine, .form = form_.of_command_line()};
  // A shape may have ended the run at once.
  if (!request(automatic).success && !quitting_) fail();
}

// The reason has been logged.
void RunController::fail() {
  judge_.fail();
  interrupt();
}

// ---- Requests ----

web::SwarmReply RunController::request(const RunRequest& request) {
  if (request.by == Requester::kKey || request.by == Requester::kTestCode) {
    return set_users(request);
  }
  const web::SwarmForm& form = request.form;
  if (request.by == Requester::kForm && !form_.view().class_picker &&
      (!form.user_classes.empty() || form.shape_class)) {
    log::main().warn("/swarm: user_classes and shape_class have no effect without --class-picker");
  }
  web::SwarmReply reply = fill_in(request);
  // The test of the command line is no longer needed.
  if (reply.success) wait_.cancel();
  return reply;
}

// A refused request changes nothing but the choice of classes.
web::SwarmReply RunController::fill_in(const RunRequest& request) {
  const web::SwarmForm& form = request.form;
  if (quitting_) return refusal("The master is shutting down");
  auto filled = form_.fill(request);
  if (!filled) return refusal(filled.error());
  std::optional<Shape>& shape = filled->shape;
  // Without a choice a running test keeps its classes, and a new one has all.
  if (form_.view().class_picker && (!form.user_classes.empty() || !master_.in_test())) {
    master_.select_classes(form.user_classes);
  }
  if (auto problem = form_.host_problem(filled->view.host)) return refusal(*std::move(problem));
  if (auto problem = obstacle(shape ? 0 : *form.user_count)) return refusal(*std::move(problem));

  form_.accept(std::move(filled->view));
  const FormView& view = form_.view();
  master_.set_parsed_options(std::move(filled->values));
  if (form.host) master_.set_host(none_if_empty(view.host));
  web::SwarmReply reply{
      .success = true,
      .message = "Swarming started",
      .host = form.host || !view.host.empty() ? std::optional(masked(view.host)) : std::nullopt};
  if (shape) {
    reply.message = "Swarming started using shape class '" + view.shape.value_or("") + "'";
    return start_shape(*std::move(shape), request.by) ? reply : not_started();
  }
  if (!start_users(request)) return not_started();
  reply.run_time = form.run_time;
  if (view.class_picker) reply.user_classes = names_of_classes(master_.catalog());
  return reply;
}

// A load shape continues from there.
web::SwarmReply RunController::set_users(const RunRequest& request) {
  if (quitting_) return {};
  const std::int64_t users = request.form.user_count.value_or(0);
  if (!master_.in_test() && request.by == Requester::kKey) {
    if (is_headless() || users == 0) return {};  // only its command line starts a headless run
    if (auto problem = obstacle(users)) return refusal(*std::move(problem));
  }
  if (request.chooses_classes) master_.select_classes(request.form.user_classes);
  if (!master_.in_test() && !is_headless()) {
    const bool started = start_users(request);
    if (started) wait_.cancel();  // as in request()
    return {.success = started, .message = ""};
  }
  master_.start(users, request.form.spawn_rate.value_or(1));
  return {.success = master_.in_test(), .message = ""};
}

void RunController::press(char key) {
  if (quitting_) return;
  if (const auto of_key = request_of_key(master_, key)) (void)request(*of_key);
}

web::SwarmReply RunController::refusal(std::string message) const {
  log::main().error("{}", message);
  return {
      .success = false, .message = std::move(message), .host = none_if_empty(form_.view().host)};
}

// The master has logged why. The reply refers readers to the log.
web::SwarmReply RunController::not_started() const {
  if (!is_headless()) return refusal(std::string(kNotStarted));
  return {.success = false, .message = std::string(kNotStarted)};
}

// Why that many users cannot be started. Of a shape only its start is checked. In a headless run no
// requester needs the answer, and the master itself logs what it cannot do.
std::optional<std::string> RunController::obstacle(std::int64_t users) const {
  if (auto problem = missing_classes(master_.catalog())) return problem;
  return is_headless() ? std::nullopt : master_.obstacle(users);
}

Result<void> RunController::update_user_class(const proto::UpdateUserClass& update) {
  if (auto problem = class_update_problem(update, master_)) return Error{*std::move(problem)};
  if (!master_.update_user_class(update)) {
    return Error{"there is no user class '" + quoted_part(update.user_class_name) + "'"};
  }
  return {};
}

void RunController::set_host(const std::string& host) {
  form_.set_host(host);
  master_.set_host(none_if_empty(host));
}

void RunController::shape_chosen() {
  form_.refresh_shape();
  if (is_headless() && !started_by_ && !quitting_) plan_headless();
}

void RunController::reset_stats() {
  if (!master_.in_test()) judge_.keep();
  master_.reset_stats();
}

// ---- A test ----

// Returns false if it did not start.
bool RunController::start_shape(Shape shape, Requester by) {
  if (shape_runner_ && master_.in_test()) {
    log::runners().info("There is an ongoing shape test running. Editing is disabled");
    return true;
  }
  if (master_.in_test() && !is_headless()) stop();  // which would end a headless run
  begin_test(by);
  plan_.shape = form_.view().shape;
  shape_runner_.emplace(scheduler_, master_, std::move(shape),
                        [this] { completed("Shape test completed"); });
  shape_runner_->start();
  if (master_.in_test()) {
    judge_.watch();
  } else if (shape_runner_->is_running()) {
    shape_runner_->stop();
    return false;
  }
  return true;
}

// Changes the users of the running test or starts a test without a shape. Returns false if it did
// not start.
bool RunController::start_users(const RunRequest& request) {
  const bool edits = master_.in_test() && !is_headless();  // a headless run starts one test
  if (edits && shape_runner_) {
    shape_runner_.reset();
    plan_.shape = std::nullopt;
  }
  const std::int64_t users = request.form.user_count.value_or(0);
  const std::optional<std::int64_t> run_time = request.form.run_time;
  const bool by_command_line = request.by == Requester::kCommandLine;
  if (by_command_line && is_headless()) log_run_time(run_time);
  note_fixed_counts(master_.catalog(), users);
  master_.start(users, request.form.spawn_rate.value_or(1));
  if (!master_.in_test()) return false;
  if (!edits) begin_test(request.by);
  if (run_time) limit_run_time(*run_time);
  if (by_command_line && !is_headless()) log_run_time(run_time);
  if (!edits) judge_.watch();  // last: it may end the test at once
  return true;
}

// Also clears what is left of the previous test.
void RunController::begin_test(Requester by) {
  run_time_.cancel();
  autoquit_.cancel();
  shape_runner_.reset();
  started_by_ = by;
  plan_ = {};
  judge_.begin_test();
}

void RunController::limit_run_time(std::int64_t seconds) {
  plan_.run_time = seconds;
  run_time_.start(std::chrono::seconds(seconds), [this] { completed("--run-time limit reached"); });
}

// Logged only for tests that the command line started, as in stock.
void RunController::completed(std::string_view what) {
  if (is_headless() || started_by_ == Requester::kCommandLine) {
    log::main().info("{}, {}", what, consequence());
  }
  stop();
}

void RunController::stop() {
  if (is_headless()) return interrupt();
  run_time_.cancel();
  if (shape_runner_) shape_runner_->stop();
  judge_.unwatch();
  master_.stop();
  if (std::exchange(started_by_, std::nullopt) == Requester::kCommandLine) count_down_to_quit();
}

void RunController::count_down_to_quit() {
  if (options_.autoquit < 0) {
    log::main().info("--autoquit not specified, leaving web ui running indefinitely");
    return;
  }
  log::main().debug("Autoquit time limit set to {} seconds", options_.autoquit);
  autoquit_.start(std::chrono::seconds(options_.autoquit), [this] {
    log::main().info("--autoquit time reached, shutting down");
    interrupt();
  });
}

void RunController::interrupt() {
  quitting_ = true;
  started_by_.reset();
  wait_.cancel();
  judge_.unwatch();
  run_time_.cancel();
  autoquit_.cancel();
  if (shape_runner_) shape_runner_->stop();
  master_.quit();
}

// ---- Events of the master ----

// Before a test, others may still connect.
void RunController::on_last_worker_gone() {
  if (started_by_) stop();
}

// A shape may start more users.
void RunController::on_users_gone() {
  if (!started_by_ || (plan_.shape && !master_.limits_iterations())) return;
  log::main().info("All users have stopped by themselves, {}", consequence());
  stop();
}

void RunController::on_worker_loss(const WorkerLoss& loss) {
  if (options_.on_worker_loss != OnWorkerLoss::kFail) return;
  log::runners().error("Worker {}: ending the test (--on-worker-loss fail)", loss.to_text());
  judge_.fail();
  stop();
}

void RunController::on_worker_exit() {
  if (!quitting_) interrupt();
}

}  // namespace locust::master
