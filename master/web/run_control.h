// RunControl: the routes' commands to a run. The implementation executes them on the control
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "master/web/swarm_form.h"
#include "proto/message.h"

namespace locust::master::web {

// The response to stock's /swarm.
struct SwarmReply {
  bool success = false;
  std::string message;
  std::optional<std::string> host = std::nullopt;
  std::optional<std::int64_t> run_time = std::nullopt;                  // seconds
  std::optional<std::vector<std::string>> user_classes = std::nullopt;  // with the class picker
};

// By worker; shared, because they are many.
using WorkerLines =
    std::vector<std::pair<std::string, std::shared_ptr<const std::vector<std::string>>>>;

// Called on the server's thread. Callbacks run there, once the routes' view has the result.
class RunControl {
 public:
  virtual ~RunControl() = default;

  virtual void swarm(SwarmForm form, std::function<void(SwarmReply)> reply) = 0;
  virtual void stop(std::function<void()> reply) = 0;
  virtual void reset_stats(std::function<void()> reply) = 0;
  // The error is for the client.
  virtual void update_user_class(proto::UpdateUserClass update,
                                 std::function<void(Result<void>)> reply) = 0;
  virtual void worker_logs(std::function<void(WorkerLines)> reply) = 0;
};

}  // namespace locust::master::web
