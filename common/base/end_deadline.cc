#include "common/base/end_deadline.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "common/base/log.h"
#include "common/base/log_flush.h"

namespace locust {
namespace {

constexpr Duration kLogPatience = std::chrono::seconds(1);  // if its reader is blocked

}  // namespace

void end_at_once(int exit_code) {
  log::flush(kLogPatience);
  std::quick_exit(exit_code);
}

EndDeadline::EndDeadline(std::function<std::string()> blocked_by)
    : blocked_by_(std::move(blocked_by)), thread_([this] { run(); }) {}

EndDeadline::~EndDeadline() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void EndDeadline::arm(Duration grace) {
  {
    const std::lock_guard lock(mutex_);
    const TimePoint deadline = SystemClock().now() + grace;
    deadline_ = std::min(deadline_.value_or(deadline), deadline);
  }
  changed_.notify_all();
}

void EndDeadline::run() {
  std::unique_lock lock(mutex_);
  while (!over_) {
    if (!deadline_) {
      changed_.wait(lock);
    } else if (SystemClock().now() < *deadline_) {
      changed_.wait_until(lock, *deadline_);
    } else {
      lock.unlock();
      const std::string place = blocked_by_ ? blocked_by_() : std::string();
      log::main().critical("This process did not end in time and ends now{}{}",
                           place.empty() ? "" : ": held up by ", place);
      end_at_once(kExitCode);
    }
  }
}

}  // namespace locust
