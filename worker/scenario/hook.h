// ScenarioHook: the user that runs test_start or test_stop.
#pragma once

#include "worker/scenario/run.h"

namespace locust::worker {

// Runs its steps as on_start and ends. Variables that it has set are then visible to all users of
// this process that have not set them themselves.
class ScenarioHook final : public ScenarioUser {
 public:
  using ScenarioUser::ScenarioUser;

  void on_start() override {
    ScenarioUser::on_start();
    share_variables();
    throw StopUser{};
  }
};

}  // namespace locust::worker
