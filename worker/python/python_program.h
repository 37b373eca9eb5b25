// PythonProgram: the locustfiles of a worker.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/options/config_users.h"
#include "common/python/locustfile.h"
#include "common/python/stall_watch.h"
#include "worker/program.h"
#include "worker/worker_options.h"

namespace locust::worker {

// One per process. Does not depend on who started the interpreter.
//
// The main thread, which runs the users, holds the GIL except while their loop waits. No other
// thread of the worker takes it, except for the one that watches for stalls.
class PythonProgram : public TestProgram {
 public:
  PythonProgram();
  ~PythonProgram() override;
  PythonProgram(const PythonProgram&) = delete;
  PythonProgram& operator=(const PythonProgram&) = delete;

  // Optional, before begin(). `configs` are the values of --config-users; `files` are the imported
  // files.
  void configure(const WorkerOptions& options, const std::vector<UserConfig>& configs,
                 std::vector<std::string> files);

  // Creates the environment and fires init.
  std::optional<int> begin(const std::string& client_id, WorkerControl& worker) override;
  std::vector<UserClass> user_classes() const override;
  TestHooks hooks() const override;
  std::vector<proto::ClassInfo> class_infos() const override;
  FileDigests files() const override;

  void enter(const UserThread& thread) override;
  void loop_ended() override;
  void leave() override;

  void set_worker_index(int index) override;
  void set_options(const RunOptions& options) override;
  void set_order(const OrderSettings& settings) override;
  bool resets_stats(bool by_command_line) const override;
  void all_spawned() override;
  void set_tasks(const std::string& class_name, std::vector<std::string> tasks) override;
  void set_attributes(const std::string& class_name, const proto::Value::Map& attributes) override;
  proto::Value::Map report_extra(const UserCounts& counts) override;
  void stopping() override;
  ProcessEnd quitting() override;
  void heartbeat() override;
  void receive(const std::string& type, const proto::Value& data) override;

  std::string blocked_by() const override { return question_->ask(); }

  void disconnect() override;
  // Fires quit.
  int end(int exit_code) override;

 private:
  class Stay;

  std::optional<int> make_environment(const std::string& client_id);
  UserClass user_class(const python::LocustfileClass& described) const;

  python::Ref options_;  // parsed_options of the environment
  python::Ref configs_;
  std::vector<std::string> files_;
  std::vector<python::LocustfileClass> classes_;
  python::Ref environment_;
  std::shared_ptr<python::StallQuestion> question_ = std::make_shared<python::StallQuestion>();
  bool has_quit_ = false;  // quitting was fired
  ProcessEnd end_;         // the result of its listeners
  std::unique_ptr<Stay> stay_;
};

}  // namespace locust::worker
