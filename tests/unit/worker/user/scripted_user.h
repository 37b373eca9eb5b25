// A user whose hooks are functions of the test, for the tests of User, TaskSet and UserPool.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "worker/user/user.h"

namespace locust::worker {

// Shared by all users of a scripted class.
struct UserScript {
  std::function<void(User&)> on_start;
  std::function<void(User&)> on_stop;
  WaitTime wait_time = constant(1);
  std::function<std::unique_ptr<TaskSet>(User&)> make_task_set;
  TaskList tasks;
};

class ScriptedUser final : public User {
 public:
  ScriptedUser(const UserEnvironment& environment, const UserScript& script)
      : User(environment, script.tasks), script_(script) {}

  void on_start() override {
    if (script_.on_start) script_.on_start(*this);
  }
  void on_stop() override {
    if (script_.on_stop) script_.on_stop(*this);
  }
  Duration wait_time(const WaitInput& in) override { return script_.wait_time(in); }
  std::unique_ptr<TaskSet> make_task_set() override {
    return script_.make_task_set ? script_.make_task_set(*this) : User::make_task_set();
  }

 private:
  const UserScript& script_;
};

inline Task user_task(std::function<void(User&)> body, std::string name = "task",
                      double weight = 1) {
  return {
      .name = std::move(name),
      .weight = weight,
      .run = [body = std::move(body)](TaskSet& set) { body(set.user()); },
  };
}

inline TaskList one_task(std::function<void(User&)> body) {
  return TaskList({user_task(std::move(body))});
}

}  // namespace locust::worker
