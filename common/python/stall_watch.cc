#include "common/python/stall_watch.h"

#include <utility>

namespace locust::python {

std::string StallQuestion::ask() {
  std::unique_lock lock(mutex_);
  if (!is_watched_) return {};
  is_open_ = true;
  answer_.reset();
  changed_.notify_all();
  changed_.wait_for(lock, kPatience, [this] { return answer_ || !is_watched_; });
  is_open_ = false;
  if (!is_watched_) return {};
  return answer_.value_or("code of an extension that does not release Python's lock");
}

StallWatch::StallWatch(const Hub& hub, const Clock& clock, std::shared_ptr<StallQuestion> question)
    : hub_(&hub),
      clock_(&clock),
      thread_id_(PyThread_get_thread_ident()),
      question_(std::move(question)),
      thread_([this] { run(); }) {}

StallWatch::StallWatch(std::shared_ptr<StallQuestion> question)
    : thread_id_(PyThread_get_thread_ident()),
      question_(std::move(question)),
      thread_([this] { run(); }) {}

StallWatch::~StallWatch() {
  {
    const std::lock_guard lock(question_->mutex_);
    ending_ = true;
    question_->is_watched_ = false;
  }
  question_->changed_.notify_all();
  thread_.join();
}

void StallWatch::run() {
  std::unique_lock lock(question_->mutex_);
  question_->is_watched_ = !ending_;
  while (!ending_) {
    const auto is_needed = [this] {
      return ending_ || (question_->is_open_ && !question_->answer_);
    };
    if (hub_ == nullptr) {
      question_->changed_.wait(lock, is_needed);
    } else {
      question_->changed_.wait_for(lock, kInterval, is_needed);
    }
    if (ending_) return;
    const bool is_asked = question_->is_open_ && !question_->answer_;
    lock.unlock();
    is_asked ? answer() : look();
    lock.lock();
  }
}

void StallWatch::answer() {
  std::string place;
  {
    const GilHeld gil;
    const Ref arguments(Py_BuildValue("(k)", thread_id_));
    const Ref text = call_embedded("locust._host", "place_of", arguments.get());
    if (text) {
      place = text_of(text.get());
    } else {
      PyErr_Clear();
    }
  }
  const std::lock_guard lock(question_->mutex_);
  question_->answer_ = std::move(place);
  question_->changed_.notify_all();
}

void StallWatch::look() {
  const Hub::Activity& activity = hub_->activity();
  const std::uint64_t turn = activity.turn.load(std::memory_order_relaxed);
  const TimePoint now = clock_->now();
  const auto stalled_for = [&activity, now] {
    const std::int64_t since = activity.since_ns.load(std::memory_order_relaxed);
    return since == 0 ? Duration::zero() : now - TimePoint(Duration(since));
  };
  if (stalled_for() < kStall || turn == told_turn_) return;
  if (told_turn_ != 0 && now - told_at_ < kQuiet) return;
  const GilHeld gil;
  // The stall may be over by the time this thread gets the GIL.
  const Duration stall = stalled_for();
  if (stall < kStall || activity.turn.load(std::memory_order_relaxed) != turn) return;
  told_turn_ = turn;
  told_at_ = now;
  const Ref arguments(
      Py_BuildValue("(kL)", thread_id_,
                    static_cast<long long>(
                        std::chrono::duration_cast<std::chrono::milliseconds>(stall).count())));
  const Ref told = call_embedded("locust._host", "blocked", arguments.get());
  if (!told) PyErr_Clear();
}

}  // namespace locust::python
