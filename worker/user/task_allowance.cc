#include "worker/user/task_allowance.h"

#include "common/base/log.h"

namespace locust::worker {

void TaskAllowance::set(std::optional<std::uint64_t> tasks) {
  all_ = tasks.value_or(kUnlimited);
  left_ = all_;
}

void TaskAllowance::tell() const {
  log::user().info(
      "Iteration limit reached ({}), stopping Users from starting any new task iterations", all_);
}

}  // namespace locust::worker
