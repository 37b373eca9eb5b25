// UserClass: a user class for the pool, from a scenario or a locustfile.
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
  // Returns why users of this class cannot work with a base URL, which may be empty; nullopt if
  // they can. May be an empty function.
  std::function<std::optional<std::string>(const std::string& host)> host_problem{};
  std::function<std::unique_ptr<User>(const UserEnvironment&)> create{};
  MakeCarrier carrier{};  // empty: a fiber
};

}  // namespace locust::worker
