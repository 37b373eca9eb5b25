#include "master/cluster/presence.h"

#include <cmath>
#include <utility>

#include "common/base/log.h"

namespace locust::master {
namespace {

constexpr Duration kTick = std::chrono::seconds(1);  // runners.py HEARTBEAT_INTERVAL
constexpr double kLeastClockStep = 1;                // seconds; what statistics count by
constexpr int kSecondsBehindForWarning = 3;
constexpr int kMaxSecondsBehind = 30;
constexpr int kSecondsUntilClassesAreAssumed = 4;
// Longer if no class is known yet: one worker that reports its classes is enough.
constexpr int kSecondsUntilClassesAreGivenUp = 15;
constexpr Duration kAnswerAfter = std::chrono::milliseconds(1500);
constexpr Duration kAnswerInterval = std::chrono::seconds(10);

}  // namespace

Presence::Presence(Scheduler& scheduler, RunClock& clock, proto::MasterTransport& transport,
                   std::function<void()> on_tick)
    : scheduler_(scheduler), clock_(clock), transport_(transport), on_tick_(std::move(on_tick)) {
  schedule_tick();
}

Presence::~Presence() { scheduler_.cancel(tick_timer_); }

void Presence::schedule_tick() {
  tick_timer_ = scheduler_.call_after(kTick, [this] {
    schedule_tick();
    on_tick_();
  });
}

WorkerRegistry::Absences Presence::judge_silence() {
  return may_judge_silence() ? registry_.tick() : WorkerRegistry::Absences{};
}

// A master that cannot keep up with its messages must not mistake that for silence of the workers.
// But a flood of messages must not hide missing workers for ever either.
bool Presence::may_judge_silence() {
  if (transport_.caught_up()) {
    seconds_behind_ = 0;
    return true;
  }
  if (++seconds_behind_ == kSecondsBehindForWarning) {
    log::runners().warn(
        "The master does not keep up with reading its workers' messages; no worker is "
        "considered missing for the next {} seconds",
        kMaxSecondsBehind - kSecondsBehindForWarning);
  }
  return seconds_behind_ > kMaxSecondsBehind;
}

void Presence::look_for_clock_step() {
  const double step = clock_.drift() - reported_drift_;
  if (std::abs(step) < kLeastClockStep) return;
  reported_drift_ += step;
  log::runners().warn(
      "The clock of this machine was set {:.1f} s {} during the test. The times of the test "
      "are not affected",
      std::abs(step), step > 0 ? "forward" : "back");
}

void Presence::assume_classes(ClassNames named, const std::function<void(WorkerNode&)>& assumed) {
  const bool any_named = named == ClassNames::kSome;
  for (WorkerNode* worker : registry_.active()) {
    if (worker->classes_known()) continue;
    ++worker->seconds_without_report;
    if (!any_named && worker->seconds_without_report == kSecondsUntilClassesAreAssumed) {
      log::runners().warn(
          "Worker {} has not reported its user classes, and no other worker has reported any. "
          "Waiting {} s more for them; a scenario given with -f would name them.",
          worker->id, kSecondsUntilClassesAreGivenUp - kSecondsUntilClassesAreAssumed);
    }
    if (worker->seconds_without_report <
        (any_named ? kSecondsUntilClassesAreAssumed : kSecondsUntilClassesAreGivenUp)) {
      continue;
    }
    log::runners().warn(
        "Worker {} has not reported its user classes; assuming that it has them all.", worker->id);
    worker->classes_assumed = true;
    assumed(*worker);
  }
}

void Presence::begin_test() {
  reported_drift_ = 0;
  if (std::abs(clock_.synchronize()) < kLeastClockStep) return;
  for (WorkerNode* worker : registry_.all()) worker->clock.measure_anew();
}

void Presence::measure_clock(WorkerNode& worker, double start_time) {
  worker.clock.observe(start_time, clock_.wall_time());
  if (!worker.clock.is_to_be_warned_of(clock_.drift())) return;
  const double ahead = clock_ahead(worker);
  log::runners().warn(
      "The clock of worker {} (index {}) is {:.1f} s {} this master's; the times it reports are "
      "corrected (will only log this once per worker)",
      worker.id, worker.index, std::abs(ahead), ahead > 0 ? "ahead of" : "behind");
}

bool Presence::answers_stranger(const std::string& id, FirstWords first) {
  const TimePoint now = clock_.now();
  if (!strangers_.contains(id) && strangers_.size() == kMaxStrangers) {
    std::erase_if(strangers_, [now](const auto& entry) { return entry.second <= now; });
    if (strangers_.size() == kMaxStrangers) return false;
  }
  const auto [stranger, is_new] = strangers_.try_emplace(id, now + kAnswerAfter);
  if (now < stranger->second && !(is_new && first == FirstWords::kAnswer)) return false;
  stranger->second = now + kAnswerInterval;
  return true;
}

}  // namespace locust::master
