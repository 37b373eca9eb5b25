// A fake program that records its calls, in order, and their threads.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "worker/program.h"

namespace locust::fakes {

class FakeProgram : public worker::TestProgram {
 public:
  // Set these before they are used.
  std::vector<worker::UserClass> classes{};
  worker::TestHooks test_hooks{};
  worker::ProcessEnd process_end{};
  proto::Value::Map extra{};

  // Thread-safe.
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  // Whether all calls for the users' thread came from the thread that called enter().
  bool kept_to_its_thread() const {
    const std::lock_guard lock(mutex_);
    return !strayed_;
  }

  void before_fork() override { note("before_fork"); }
  void after_fork(worker::ForkSide side) override {
    note(side == worker::ForkSide::kChild ? "after_fork in the child" : "after_fork");
  }
  std::optional<int> begin(const std::string& /*id*/, worker::WorkerControl& /*worker*/) override {
    note("begin");
    return std::nullopt;
  }
  std::vector<worker::UserClass> user_classes() const override { return classes; }
  worker::TestHooks hooks() const override { return test_hooks; }
  std::vector<proto::ClassInfo> class_infos() const override { return {}; }
  FileDigests files() const override { return {}; }

  void enter(const worker::UserThread& /*thread*/) override {
    thread_ = std::this_thread::get_id();
    note_there("enter");
  }
  void loop_ended() override { note_there("loop_ended"); }
  void leave() override { note_there("leave"); }
  void set_worker_index(int index) override {
    note_there("set_worker_index " + std::to_string(index));
  }
  void set_options(const worker::RunOptions& /*options*/) override { note_there("set_options"); }
  void begin_test(const worker::TestSettings& settings) override {
    note_there("begin_test " + std::to_string(settings.expect_workers));
  }
  void set_order(const worker::OrderSettings& settings) override {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(settings.stop_timeout);
    note_there("set_order " + settings.host + " " + std::to_string(seconds.count()));
  }
  void all_spawned() override { note_there("all_spawned"); }
  void set_tasks(const std::string& name, std::vector<std::string> tasks) override {
    note_there("set_tasks " + name + " " + std::to_string(tasks.size()));
  }
  void set_attributes(const std::string& name, const proto::Value::Map& attributes) override {
    note_there("set_attributes " + name + " " + std::to_string(attributes.size()));
  }
  proto::Value::Map report_extra(const UserCounts& /*counts*/) override {
    note_there("report_extra");
    return extra;
  }
  void stopping() override { note_there("stopping"); }
  worker::ProcessEnd quitting() override {
    note_there("quitting");
    return process_end;
  }
  void heartbeat() override { note_there("heartbeat"); }
  void receive(const std::string& type, const proto::Value& /*data*/) override {
    note_there("receive " + type);
  }
  std::string blocked_by() const override { return "a fake"; }
  void disconnect() override { note("disconnect"); }
  int end(int exit_code) override {
    note("end " + std::to_string(exit_code));
    return exit_code;
  }

 private:
  void note(std::string call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
  }
  void note_there(std::string call) {
    const std::lock_guard lock(mutex_);
    strayed_ |= std::this_thread::get_id() != thread_;
    calls_.push_back(std::move(call));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
  std::thread::id thread_;  // of the users
  bool strayed_ = false;
};

}  // namespace locust::fakes
