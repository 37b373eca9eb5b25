#include "worker/scenario/dry_run.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/base/nearest_name.h"

namespace locust::worker {
namespace {

// Printing needs more stack than users do.
constexpr std::size_t kStackBytes = std::size_t{512} << 10;

}  // namespace

DryRun::DryRun(Scheduler& scheduler, HttpEngine& engine, ScenarioProgram& program,
               DryRunOptions options, std::ostream& out, std::function<void()> done)
    : scheduler_(scheduler),
      engine_(engine),
      program_(program),
      options_(std::move(options)),
      done_(std::move(done)),
      printer_(out, options_.iterations),
      stacks_(kStackBytes),
      stats_(scheduler.clock().wall_time(), StatsRole::kWorker),
      rng_(options_.seed),
      context_(scheduler, engine, stacks_, [this] { ended(); }) {
  program_.set_options({});
  program_.begin_test({});
  program_.all_spawned();
  program_.trace_to(&printer_);
  program_.on_stop_test(
      [this] { std::erase_if(parts_, [](const Part& part) { return part.kind == Kind::kUser; }); });
  listen();
  plan_parts();
  turn_timer_ = scheduler_.call_after(Duration::zero(), [this] { next(); });
}

DryRun::~DryRun() {
  printer_.mute();
  scheduler_.cancel(turn_timer_);
  context_.abandon();
  program_.on_stop_test(nullptr);
  program_.trace_to(nullptr);
}

std::string DryRun::class_error(const ScenarioProgram& program, const DryRunOptions& options) {
  std::vector<std::string_view> known;
  for (const UserClassSpec& user : program.scenario().users) known.push_back(user.name);
  for (const std::string& name : options.user_classes) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return "Unknown User(s): " + name + did_you_mean(name, known);
  }
  return {};
}

void DryRun::listen() {
  events_.sending = [this](const Exchange& exchange) { printer_.sending(exchange); };
  events_.exception = [this](const User& user, const std::string& message,
                             const std::string& traceback) {
    raised_ = true;
    printer_.exception(user.class_name(), message, traceback);
  };
  events_.hook_failed = [this](const User& user, std::string_view hook, const std::string& message,
                               const std::string& traceback) {
    raised_ = true;
    std::string where = user.class_name();
    if (part_.kind == Kind::kUser) where.append(".").append(hook);
    printer_.exception(where, message, traceback);
  };
}

void DryRun::plan_parts() {
  if (auto hook = program_.hooks().test_start)
    parts_.push_back({Kind::kTestStart, std::move(*hook)});
  std::vector<UserClass> classes = program_.user_classes();
  std::vector<std::string> names = options_.user_classes;
  if (names.empty()) {
    for (const UserClass& user_class : classes) names.push_back(user_class.name);
  }
  for (const std::string& name : names) {
    const auto found = std::find_if(classes.begin(), classes.end(),
                                    [&](const UserClass& c) { return c.name == name; });
    parts_.push_back({Kind::kUser, *found});
  }
  if (auto hook = program_.hooks().test_stop) parts_.push_back({Kind::kTestStop, std::move(*hook)});
}

void DryRun::next() {
  turn_timer_ = 0;
  user_.reset();
  if (parts_.empty()) {
    printer_.summary();
    done_();
    return;
  }
  Part part = std::move(parts_.front());
  parts_.pop_front();
  run(std::move(part));
}

void DryRun::run(Part part) {
  part_ = std::move(part);
  if (!options_.host.empty()) part_.user_class.host = options_.host;
  raised_ = false;
  printer_.begin_user();
  user_ = part_.user_class.create({.context = context_,
                                   .engine = engine_,
                                   .stats = stats_,
                                   .rng = rng_,
                                   .events = events_,
                                   .class_name = part_.user_class.name,
                                   .host = part_.user_class.host,
                                   .user_id = part_.kind == Kind::kUser ? next_user_id_++ : 0});
  // A user without tasks would raise an exception after each wait, forever.
  if (part_.kind == Kind::kUser && user_->tasks().empty()) {
    printer_.problem(part_.user_class.name + ": its tags leave no task");
    ended();
    return;
  }
  context_.start([this] { user_->run(); });
  if (context_.done()) ended();
}

void DryRun::ended() {
  if (part_.kind == Kind::kTestStart && (raised_ || !stats_.errors().empty())) {
    printer_.problem("test_start failed, so no user starts");
    parts_.clear();
  }
  turn_timer_ = scheduler_.call_after(Duration::zero(), [this] { next(); });
}

}  // namespace locust::worker
