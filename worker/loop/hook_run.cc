#include "worker/loop/hook_run.h"

#include <utility>

#include "worker/user/fiber_context.h"

namespace locust::worker {

HookRun::HookRun(Scheduler& scheduler, HttpEngine& engine, const UserClass& hook,
                 const std::string& host, std::uint64_t seed, Done done)
    : scheduler_(scheduler),
      hook_(hook),
      host_(host.empty() ? hook.host : host),
      done_(std::move(done)),
      stats_(scheduler.clock().wall_time(), StatsRole::kWorker),
      rng_(seed) {
  const auto on_end = [this] { ended(); };
  if (hook_.carrier) {
    carrier_ = hook_.carrier(on_end);
  } else {
    carrier_ = std::make_unique<FiberContext>(scheduler, engine, stacks_, on_end);
  }
  events_.hook_failed = [this](const User&, std::string_view, const std::string& message,
                               const std::string& traceback) {
    if (!exception_) exception_ = Failure{message, traceback};
  };
  user_ = hook_.create({.context = carrier_->context(),
                        .engine = engine,
                        .stats = stats_,
                        .rng = rng_,
                        .events = events_,
                        .class_name = hook_.name,
                        .host = host_});
  carrier_->start([this] { user_->run(); });
  if (carrier_->done()) ended();
}

HookRun::~HookRun() {
  scheduler_.cancel(cut_timer_);
  scheduler_.cancel(done_timer_);
}

void HookRun::cut_after(Duration limit) {
  const TimePoint deadline = scheduler_.clock().now() + limit;
  if (deadline_ && *deadline_ <= deadline) return;
  deadline_ = deadline;
  scheduler_.cancel(std::exchange(cut_timer_, 0));
  cut_timer_ = scheduler_.call_at(deadline, [this] {
    cut_timer_ = 0;
    cut();
  });
}

void HookRun::cut() {
  if (carrier_->done()) return;
  was_cut_ = true;
  carrier_->abandon();
  ended();
}

void HookRun::ended() {
  scheduler_.cancel(std::exchange(cut_timer_, 0));
  if (done_timer_ != 0) return;
  done_timer_ = scheduler_.call_after(Duration::zero(), [this] {
    done_timer_ = 0;
    const Done done = std::move(done_);
    done(failure());
  });
}

// A failed request is more informative than the exception that it often causes.
std::optional<HookRun::Failure> HookRun::failure() const {
  const std::string place = "  in " + hook_.name + "\n";
  for (const auto& [key, error] : stats_.errors()) {
    return Failure{hook_.name + ": " + error.method + " " + error.name + ": " + error.error, place};
  }
  if (exception_) return Failure{hook_.name + ": " + exception_->message, exception_->traceback};
  if (was_cut_) return Failure{hook_.name + " did not end in time and was cut off", place};
  return std::nullopt;
}

}  // namespace locust::worker
