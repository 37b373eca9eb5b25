// TestProgram: the test that a worker runs, in YAML or Python. WorkerControl: the requests of a
// program to its worker.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/event_loop.h"
#include "common/base/file_digests.h"
#include "common/stats/mask_stats.h"
#include "common/stats/user_counts.h"
#include "proto/message.h"
#include "proto/value.h"
#include "worker/http/engine.h"
#include "worker/user/run_options.h"
#include "worker/user/user_class.h"

namespace locust::worker {

class UserPool;

// The master's settings of a new test.
struct TestSettings {
  std::int64_t expect_workers = 1;
  std::optional<std::uint64_t> tasks{};  // that this worker's users may start; nullopt if unlimited
  EvidenceLevel evidence = EvidenceLevel::kFull;  // at most
};

// How test code wants the process to end.
struct ProcessEnd {
  int exit_code = 0;
  bool asked_for = false;  // the exit code is that of sys.exit()
  bool uncaught = false;   // there was an uncaught exception
};

// What an order to run users says beside their numbers.
struct OrderSettings {
  std::string host{};       // if not empty, every class's host from now on
  Duration stop_timeout{};  // how long users that are asked to stop may finish their task
};

// User classes that run once, each with one user that ends by itself.
struct TestHooks {
  std::optional<UserClass> test_start{};
  std::optional<UserClass> test_stop{};
  // Returns the settings of an order when it is carried out, after test_start, which may have
  // changed them. May be empty.
  std::function<OrderSettings(OrderSettings)> order_settings{};
};

// The objects of the users' thread. They exist from enter() to leave().
struct UserThread {
  EventLoop& loop;
  HttpEngine& engine;
  UserPool& pool;
};

enum class ForkSide { kParent, kChild };

// Thread-safe. Calls return immediately and are carried out in order.
class WorkerControl {
 public:
  virtual ~WorkerControl() = default;
  // The same as the methods of Worker.
  virtual void stop_test(std::string reason) = 0;
  virtual void exit() = 0;
  virtual void send_message(const std::string& type, proto::Value data) = 0;
  // Messages of this type go to TestProgram::receive from now on.
  virtual void register_message(const std::string& type) = 0;
  virtual void set_stop_timeout(Duration timeout) = 0;
};

// One per process. Each group of calls comes from one thread, in this order.
class TestProgram {
 public:
  virtual ~TestProgram() = default;

  // --- On the main thread, before enter().

  // Called around each fork of --processes; after_fork() on both sides.
  virtual void before_fork() {}
  virtual void after_fork(ForkSide /*side*/) {}
  // Called in each process once its log exists. `worker` may be used until disconnect(); its calls
  // have no effect after the users' loop has ended. An exit code ends the process, after
  // disconnect() and end().
  virtual std::optional<int> begin(const std::string& client_id, WorkerControl& worker) = 0;
  // The user pool destroys its copy before leave().
  virtual std::vector<UserClass> user_classes() const = 0;
  virtual TestHooks hooks() const = 0;
  virtual EngineOptions engine_options() const { return {}; }
  // Sent to masters.
  virtual std::vector<proto::ClassInfo> class_infos() const = 0;
  virtual FileDigests files() const = 0;

  // --- On the users' thread, which is the main thread: before the users' loop runs, after it, and
  // --- after the end of all users.

  virtual void enter(const UserThread& /*thread*/) {}
  virtual void loop_ended() {}
  virtual void leave() {}

  // --- On the users' thread, while its loop runs.

  // The index that the master assigned to this worker.
  virtual void set_worker_index(int index) = 0;
  // The master's options of the current test. Called for each spawn message.
  virtual void set_options(const RunOptions& options) = 0;
  virtual void begin_test(const TestSettings& /*settings*/) {}
  // The master's settings of an order. Called before test_start, and with each later order.
  virtual void set_order(const OrderSettings& /*settings*/) {}
  // Whether statistics are reset when all users are spawned.
  virtual bool resets_stats(bool by_command_line) const { return by_command_line; }
  // All users of the test are spawned.
  virtual void all_spawned() = 0;
  // Replaces the tasks of a class, also for running users (update_user_class).
  virtual void set_tasks(const std::string& class_name, std::vector<std::string> tasks) = 0;
  // Sets other attributes of a class.
  virtual void set_attributes(const std::string& /*class_name*/,
                              const proto::Value::Map& /*attributes*/) {}
  // Returns additional entries for a report to the master.
  virtual proto::Value::Map report_extra(const UserCounts& /*counts*/) { return {}; }
  // The users of the test are about to be stopped.
  virtual void stopping() {}
  // The worker is about to leave its master. Not called if the loop ends for another reason.
  virtual ProcessEnd quitting() { return {}; }
  // The master has answered a heartbeat.
  virtual void heartbeat() {}
  // The master has sent a message of a registered type.
  virtual void receive(const std::string& /*type*/, const proto::Value& /*data*/) {}

  // --- On any thread at any time. Returns soon.

  // A description of the code that blocks the users' loop; empty if unknown.
  virtual std::string blocked_by() const { return {}; }

  // --- On the main thread, after leave().

  // The `worker` of begin() is about to be destroyed.
  virtual void disconnect() = 0;
  // The worker has ended with this exit code. Returns the process's.
  virtual int end(int exit_code) { return exit_code; }
};

}  // namespace locust::worker
