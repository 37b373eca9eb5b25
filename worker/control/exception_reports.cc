#include "worker/control/exception_reports.h"

#include <utility>

#include "common/base/log.h"

namespace locust::worker {

void ExceptionReports::log(const TaskException& exception) {
  const bool is_new =
      seen_.size() < kMaxKindsSeen && seen_.insert(exception.message + exception.traceback).second;
  if (is_new) {
    log::user().error("{}\n{}", exception.message, exception.traceback);
  } else {
    ++repeated_;
  }
}

bool ExceptionReports::may_send() {
  const TimePoint now = clock_.now();
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    sent_ = 0;
  }
  if (sent_ == kPerSecond) {
    ++dropped_;
    return false;
  }
  ++sent_;
  return true;
}

void ExceptionReports::log_counts() {
  if (repeated_ > 0) {
    log::user().error("{} more exceptions like those above", std::exchange(repeated_, 0));
  }
  if (dropped_ > 0) {
    log::runners().warn("{} exceptions were not sent to the master, to keep it responsive",
                        std::exchange(dropped_, 0));
  }
}

}  // namespace locust::worker
