// TestProgram: what a worker runs, be it written in YAML or in Python. WorkerControl: what a
// program asks of its worker.
#pragma once

#include <cstdint>
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

// What the master says about a new test.
struct TestSettings {
  std::int64_t expect_workers = 1;
  std::optional<std::uint64_t> tasks{};  // that this worker's users may begin; nullopt: no limit
  EvidenceLevel evidence = EvidenceLevel::kFull;  // at most
};

// How the process is to end, as test code has it.
struct ProcessEnd {
  int exit_code = 0;
  bool asked_for = false;  // by sys.exit(), whose code it is
  bool uncaught = false;   // an exception was raised that nobody caught
};

// Each is a class of one user that ends by itself.
struct TestHooks {
  std::optional<UserClass> test_start{};
  std::optional<UserClass> test_stop{};
};

// What there is on the users' thread while the program is there.
struct UserThread {
  EventLoop& loop;
  HttpEngine& engine;
  UserPool& pool;
};

enum class ForkSide { kParent, kChild };

// Any thread; the calls return at once and are carried out in order.
class WorkerControl {
 public:
  virtual ~WorkerControl() = default;
  // As Worker::stop_test, exit and send_message.
  virtual void stop_test(std::string reason) = 0;
  virtual void exit() = 0;
  virtual void send_message(const std::string& type, proto::Value data) = 0;
  // Messages of this type go to TestProgram::receive from now on.
  virtual void register_message(const std::string& type) = 0;
};

// One per process. Each group of calls comes from one thread, in this order.
class TestProgram {
 public:
  virtual ~TestProgram() = default;

  // --- Before enter(): the main thread; those that are const, the users' thread too.

  // Around each fork of --processes; after_fork() on both sides.
  virtual void before_fork() {}
  virtual void after_fork(ForkSide /*side*/) {}
  // In each process once it has its log. `worker` may be used until disconnect();
  // what is asked of it once the users' loop has ended is dropped. An exit code ends
  // the process, after disconnect() and end().
  virtual std::optional<int> begin(const std::string& client_id, WorkerControl& worker) = 0;
  // What its users are. The pool's copy ends before leave().
  virtual std::vector<UserClass> user_classes() const = 0;
  virtual TestHooks hooks() const = 0;
  // What it wants of the engine for its users.
  virtual EngineOptions engine_options() const { return {}; }
  // What masters are sent of it.
  virtual std::vector<proto::ClassInfo> class_infos() const = 0;
  virtual FileDigests files() const = 0;

  // --- The users' thread, before its loop runs, after that, and when all users are gone.

  virtual void enter(const UserThread& /*thread*/) {}
  virtual void loop_ended() {}
  virtual void leave() {}

  // --- The users' thread, while its loop runs.

  // The index that the master gave this worker.
  virtual void set_worker_index(int index) = 0;
  // What the master says of the current test; comes with each of its spawn messages.
  virtual void set_options(const RunOptions& options) = 0;
  virtual void begin_test(const TestSettings& /*settings*/) {}
  // All users of the test are spawned.
  virtual void all_spawned() = 0;
  // The tasks of a class are these from now on, also for users that run (update_user_class).
  virtual void set_tasks(const std::string& class_name, std::vector<std::string> tasks) = 0;
  // Its other attributes.
  virtual void set_attributes(const std::string& /*class_name*/,
                              const proto::Value::Map& /*attributes*/) {}
  // What it adds to a report to the master.
  virtual proto::Value::Map report_extra(const UserCounts& /*counts*/) { return {}; }
  // The users of the test are about to be stopped.
  virtual void stopping() {}
  // The worker is about to leave the master. Not called if the loop ends without that.
  virtual ProcessEnd quitting() { return {}; }
  // The master has answered a heartbeat.
  virtual void heartbeat() {}
  // A message of a registered type.
  virtual void receive(const std::string& /*type*/, const proto::Value& /*data*/) {}

  // --- Any thread at any time; returns soon.

  // What holds up the users' loop, in words; empty if that is not known.
  virtual std::string blocked_by() const { return {}; }

  // --- The main thread, after the users' thread has ended.

  // `worker` of begin() is about to go.
  virtual void disconnect() = 0;
  // The worker has ended with this exit code. Returns the process's.
  virtual int end(int exit_code) { return exit_code; }
};

}  // namespace locust::worker
