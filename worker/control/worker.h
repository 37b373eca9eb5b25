// Worker: the state machine of a worker process. The counterpart of stock's WorkerRunner
// (runners.py) without greenlets: messages, timers and the answers of the users' loop are events,
// handled one at a time, and no handler waits.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "common/base/log.h"
#include "common/base/log_limiter.h"
#include "common/base/scheduler.h"
#include "proto/message.h"
#include "proto/transport.h"
#include "worker/control/exception_reports.h"
#include "worker/control/generator_watch.h"
#include "worker/control/log_reports.h"
#include "worker/control/master_link.h"
#include "worker/control/native_extension.h"
#include "worker/control/users_deadline.h"
#include "worker/loop/user_loop.h"

namespace locust::worker {

// The state in heartbeats.
//
// state    | input                       | next     | sent
// ---------+-----------------------------+----------+----------------------------------------------
// ready    | spawn, newer timestamp      | spawning | spawning; a new test: statistics are cleared
// spawning | target reached              | running  | spawning_complete
// spawning,| spawn, newer timestamp      | spawning | spawning
// running  |                             |          |
// any      | spawn, not newer            | same     | spawning; the first after a stop is newer
//          | stop, first half            | same     | stats, client_stopped when the users are gone
//          | stop, after its waiting time| ready    | client_ready
//          | quit, signal                | same     | stats, quit when the users are gone; finished
//          | users do not stop in time   | same     | quit; then finished, with kExitCodeUnfinished
//          | master silent for 60 s      | same     | the same
//          | another master in its place | ready    | as for stop, without a message
//
// Spawn and stop messages that arrive during a stop wait for its end, as in stock, whose listener
// is busy. Between client_stopped or quit and the next spawn the worker sends nothing that an
// unregistered worker must not send.
enum class WorkerState { kReady, kSpawning, kRunning };

struct WorkerConfig {
  std::string client_id;
  std::string master_address;                                      // "host:port", for log lines
  std::optional<std::string> host;                                 // of -H; the master's wins
  Duration connect_timeout = MasterLink::kDefaultConnectPatience;  // zero: no limit
  double cpu_share = 1;  // of one core, that this process may use
  std::uint64_t open_file_limit = 0;
  std::function<std::uint64_t()> throttled_periods{};  // of the CPU quota, so far; empty: no quota
  Duration stop_timeout{};                             // until the first spawn sets another
  Duration additional_wait{};               // LOCUST_WORKER_ADDITIONAL_WAIT_BEFORE_READY_AFTER_STOP
  std::function<log::Remembered()> logs{};  // for masters that show them; empty: none are sent
  // Sent in the first report after each ack; `files` only to masters that understand them.
  std::vector<proto::ClassInfo> user_classes;
  FileDigests files{};
};

// Notifications of a worker to its process.
class WorkerEvents {
 public:
  virtual ~WorkerEvents() = default;
  // The master has changed the stop timeout.
  virtual void stop_timeout_set(Duration stop_timeout) = 0;
  // The worker is ending. The process must end within this time.
  virtual void ending(Duration within) = 0;
  // Called once: the process may end. With kExitCodeUnfinished the users' loop still runs and may
  // never return.
  virtual void finished(int exit_code) = 0;
};

// Owned and used by the control thread. `scheduler`, `transport`, `users` and `events` must outlive
// it. No message of a master makes it throw, block, or grow without bound.
class Worker final : private MasterLinkEvents {
 public:
  static constexpr Duration kReportInterval =
      std::chrono::seconds(3);  // runners.py WORKER_REPORT_INTERVAL
  // The time of the users' loop beyond the stop timeout, for its users and the last report, and at
  // a quit for test_stop as well. A loop that has not answered by then is blocked by test code.
  static constexpr Duration kUsersGrace = std::chrono::seconds(9);
  // The same for the process: less than its supervisors' kEndGrace, more than kUsersGrace.
  static constexpr Duration kProcessGrace = std::chrono::milliseconds(9'500);
  static constexpr Duration kProcessGraceAtOnce = std::chrono::seconds(1);  // after a second signal
  // The time of test_stop at a stop; masters wait a minute for a stop. At a quit it has the rest of
  // kUsersGrace.
  static constexpr Duration kTestStopLimit = std::chrono::seconds(50);
  static constexpr Duration kAfterTestStop = std::chrono::milliseconds(500);
  static constexpr std::size_t kMaxDeferred = 64;
  static constexpr int kExitCodeNoMaster = 255;  // stock's sys.exit(-1)
  static constexpr int kExitCodeUnfinished = 1;

  Worker(Scheduler& scheduler, proto::WorkerTransport& transport, UserLoop& users,
         WorkerConfig config, WorkerEvents& events);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void begin() { link_.connect(); }
  // Handles one of the ending_signals(). The second one does not wait for the users.
  void interrupt();
  void report_exception(const TaskException& exception);
  // Ends the test, for `stop_test: true` or its equivalent in Python. A native master ends the
  // whole test; with another master only this worker quits. Logs `reason`, once per test, unless it
  // is empty.
  void stop_test(std::string_view reason);
  // Handles sys.exit() of test code: leaves as for a signal, but without the stop timeout.
  void exit();
  // Replaces the master's, until its next order. Has no effect on a stop that has begun.
  void set_stop_timeout(Duration timeout);

  // Custom messages. Received messages of a registered type go to the program, others are logged.
  void register_message(const std::string& type) { registered_types_.insert(type); }
  void send_message(const std::string& type, proto::Value data);

  WorkerState state() const { return state_; }
  // The users did not stop in time: do not wait for their loop.
  bool unfinished() const { return held_up_by_.has_value(); }

 private:
  // kOver: `finished` was called.
  enum class Leaving { kNot, kBegun, kOver };

  bool is_leaving() const { return leaving_ != Leaving::kNot; }
  void handle_message(std::string_view bytes);
  void log_bad_message(std::string_view what);
  void log_unknown(std::string_view type);
  void handle(proto::Ack& message);
  void handle(proto::HeartbeatReply& message);
  void handle(proto::Spawn& message);
  void handle(proto::Stop& message);
  void handle(proto::Quit& message);
  void handle(proto::Reconnect& message);
  void handle(proto::MasterSpawningComplete& message);
  void handle(proto::UpdateUserClass& message);
  void handle(proto::Custom& message);
  template <typename Other>
  void handle(Other& message);

  std::string worker_state() const override;
  std::optional<proto::HeartbeatExtension> heartbeat_extension() const override;
  void gave_up() override;
  void master_silent() override;
  void master_restarted() override;

  void set_target(const proto::Spawn& spawn);
  void complete_spawning(const UserCounts& counts);
  void users_stopped();
  void test_ended();
  void become_ready();
  void run_deferred();
  void quit();
  void leave_users_behind();
  void leave();
  void send_report(std::function<void()> then);
  void report_periodically();
  void finish(int exit_code);

  Scheduler& scheduler_;
  proto::WorkerTransport& transport_;
  UserLoop& users_;
  WorkerEvents& events_;
  const std::optional<std::string> host_;
  const Duration additional_wait_;
  MasterLink link_;

  WorkerState state_ = WorkerState::kReady;
  double last_received_spawn_timestamp_ = 0;
  std::uint64_t spawn_generation_ = 0;  // of the current target; late answers have an older one
  Duration stop_timeout_{};             // of the last spawn or of test code
  bool stopping_ = false;               // between `stop` and the client_ready that ends it
  Leaving leaving_ = Leaving::kNot;
  std::optional<std::string> held_up_by_;  // set if the users did not stop in time; may be empty
  std::deque<proto::Payload> deferred_;
  std::unordered_set<std::string> registered_types_;  // of messages for the program

  NativeExtension extension_;
  GeneratorWatch watch_;
  ExceptionReports exceptions_;
  LogReports logs_;
  LogLimiter message_limit_;
  UsersDeadline users_deadline_;

  TimerId report_timer_ = 0;
  TimerId ready_timer_ = 0;
};

}  // namespace locust::worker
