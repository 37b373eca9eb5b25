// UserClass: what a scenario, or any other source of users, offers to the pool.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "worker/user/user.h"
#include "worker/user/user_carrier.h"

namespace locust::worker {

// A user class as the pool needs it. `create` is called on the loop's own stack.
struct UserClass {
  std::string name;
  double weight = 1;
  int fixed_count = 0;
  std::string host{};  // of the test file; the master's replaces it
  // Why its users can do nothing with this base URL, which is empty if there is none; nullopt if
  // they can. Empty: not to be asked.
  std::function<std::optional<std::string>(const std::string& host)> host_problem{};
  std::function<std::unique_ptr<User>(const UserEnvironment&)> create{};
  MakeCarrier carrier{};  // empty: a fiber
};

}  // namespace locust::worker
