#include "worker/loop/run_session.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "common/base/log.h"

namespace locust::worker {

RunSession::RunSession(Scheduler& scheduler, HttpEngine& engine, UserPool& pool, TestHooks hooks,
                       std::uint64_t seed, Failed failed)
    : scheduler_(scheduler),
      engine_(engine),
      pool_(pool),
      hooks_(std::move(hooks)),
      seed_(seed),
      failed_(std::move(failed)) {}

void RunSession::begin() {
  state_ = State::kBegun;
  refused_.clear();
}

void RunSession::set_target(Target target, UserPool::TargetReached reached) {
  if (!target.host.empty()) host_ = target.host;
  pool_.set_users_of_test(target.users_of_test);
  Order order{std::move(target), std::move(reached)};
  if (state_ == State::kBegun && !hooks_.test_start) state_ = State::kRunning;
  if (state_ == State::kBegun) {
    state_ = State::kStarting;
    log::user().info("Running test_start");
    run_hook(*hooks_.test_start, [this](const auto& failure) { started(failure); });
  }
  if (state_ == State::kStarting) {
    waiting_ = std::move(order);
  } else {
    pass_on(std::move(order));
  }
}

void RunSession::pass_on(Order order) {
  if (state_ == State::kFailed) {
    for (auto& [name, count] : order.target.user_classes_count) count = 0;
  }
  if (hooks_.order_settings) {
    OrderSettings settings = hooks_.order_settings({order.target.host, order.target.stop_timeout});
    order.target.host = std::move(settings.host);
    order.target.stop_timeout = settings.stop_timeout;
  }
  refuse_hosts(order.target);
  pool_.set_target(std::move(order.target), std::move(order.reached));
}

// Does not start users that cannot send any request: they would fail in a busy loop.
void RunSession::refuse_hosts(Target& target) {
  std::map<std::string_view, const UserClass*> classes;
  for (const UserClass& user_class : pool_.classes()) {
    if (user_class.host_problem) classes.emplace(user_class.name, &user_class);
  }
  for (auto& [name, count] : target.user_classes_count) {
    const auto found = count > 0 ? classes.find(name) : classes.end();
    if (found == classes.end()) continue;
    const UserClass& user_class = *found->second;
    const auto problem =
        user_class.host_problem(target.host.empty() ? user_class.host : target.host);
    if (!problem) continue;
    count = 0;
    if (!refused_.insert(name).second) continue;
    failed_({*problem + "; this worker starts none of its users", "  in " + name + "\n"});
  }
}

void RunSession::stop_all(Duration stop_timeout, std::function<void()> stopped) {
  if (state_ != State::kStarting) {
    pool_.stop_all(stop_timeout, std::move(stopped));
    return;
  }
  waiting_.reset();
  stops_.push_back({stop_timeout, std::move(stopped)});
  hook_->cut_after(std::max(stop_timeout, kStopGrace));
}

void RunSession::end(Duration limit, std::function<void()> ended) {
  if (state_ == State::kRunning && hooks_.test_stop) {
    state_ = State::kEnding;
    log::user().info("Running test_stop");
    run_hook(*hooks_.test_stop, [this](const auto& failure) { this->stopped(failure); });
  }
  if (state_ == State::kEnding) {
    ends_.push_back(std::move(ended));
    hook_->cut_after(limit);
    return;
  }
  state_ = State::kIdle;
  ended();
}

void RunSession::run_hook(const UserClass& hook, HookRun::Done done) {
  hook_ = std::make_unique<HookRun>(scheduler_, engine_, hook, host_, ++seed_, std::move(done));
}

void RunSession::started(const std::optional<HookRun::Failure>& failure) {
  hook_.reset();
  state_ = failure ? State::kFailed : State::kRunning;
  if (failure) {
    log::user().error("{}; this worker starts no user in this test", failure->message);
    failed_(*failure);
  }
  if (waiting_) pass_on(*std::exchange(waiting_, std::nullopt));
  for (Stop& stop : std::exchange(stops_, {})) {
    pool_.stop_all(stop.stop_timeout, std::move(stop.stopped));
  }
}

void RunSession::stopped(const std::optional<HookRun::Failure>& failure) {
  hook_.reset();
  state_ = State::kIdle;
  if (failure) {
    log::user().error("{}", failure->message);
    failed_(*failure);
  }
  for (const auto& ended : std::exchange(ends_, {})) ended();
}

}  // namespace locust::worker
