// Worker: the state machine of a worker process. Stock's WorkerRunner (runners.py) without its greenlets: messages,
// timers and the user loop's answers come in one at a time, nothing here waits.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
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
#include "worker/control/master_link.h"
#include "worker/loop/self_diagnosis.h"
#include "worker/loop/user_loop.h"

namespace locust::worker {

// As heartbeats tell it.
//
// state    | input                       | next     | sent
// ---------+-----------------------------+----------+--------------------------------------------------
// ready    | spawn, newer timestamp      | spawning | spawning; a new test: statistics are cleared
// spawning | target reached              | running  | spawning_complete
// spawning,| spawn, newer timestamp      | spawning | spawning
// running  |                             |          |
// any      | spawn, not newer            | same     | spawning; newer than any is the first one after a stop
//          | stop, first half            | same     | stats, client_stopped when the users are gone
//          | stop, after its waiting time| ready    | client_ready
//          | quit, signal                | same     | stats, quit when the users are gone; then finished
//          | users do not stop in time   | same     | quit; then finished, with kExitCodeUnfinished
//          | master silent for 60 s      | same     | the same
//          | another master in its place | ready    | as for stop, without a message
//
// While a stop is carried out, further spawn and stop messages wait for its end, as in stock, whose listener is busy.
// Between client_stopped or quit and the next spawn nothing is sent that an unregistered worker must not send.
enum class WorkerState { kReady, kSpawning, kRunning };

struct WorkerConfig {
  std::string client_id;
  std::string master_address;                                      // "host:port", for log lines
  std::optional<std::string> host;                                 // of -H; the master's wins
  Duration connect_timeout = MasterLink::kDefaultConnectPatience;  // zero: for ever
  double cpu_share = 1;  // of one core, that this process may use
  std::uint64_t open_file_limit = 0;
  std::function<std::uint64_t()> throttled_periods{};  // of the CPU quota, so far; empty: no quota
  Duration stop_timeout{};                             // until the first spawn says another
  Duration additional_wait{};               // LOCUST_WORKER_ADDITIONAL_WAIT_BEFORE_READY_AFTER_STOP
  std::function<log::Remembered()> logs{};  // for masters that show them; empty: none are sent
  std::function<void(Duration)> on_stop_timeout{};  // the stop timeout that a master has set
  // The worker was asked to end, and its process has to be gone after that time.
  std::function<void(Duration within)> on_ending{};
  // What holds up the users' loop, in words, or nothing if that is not known. May take a moment.
  std::function<std::string()> blocked_by{};
  // Told to masters in the first report after each ack; of files, to masters that understand it.
  std::vector<proto::ClassInfo> user_classes;
  FileDigests files{};
};

// Owned and used by the control thread. `scheduler`, `transport` and `users` must outlive it. Nothing that a master
// sends can make it throw, stall, or grow without bound.
class Worker {
 public:
  static constexpr Duration kReportInterval =
      std::chrono::seconds(3);  // runners.py WORKER_REPORT_INTERVAL
  static constexpr int kExceptionsPerSecond = 50;
  static constexpr std::size_t kMaxExceptionsSeen = 1000;  // kinds that are logged in full
  // What the users' loop gets beyond the stop timeout, in all, for its users and the last report, and
  // at a quit for test_stop as well. A loop that has not answered by then is held up by test code.
  static constexpr Duration kUsersGrace = std::chrono::seconds(9);
  // The process: earlier than its supervisors' kEndGrace, later than kUsersGrace.
  static constexpr Duration kProcessGrace = std::chrono::milliseconds(9'500);
  static constexpr Duration kProcessGraceAtOnce = std::chrono::seconds(1);  // after a second signal
  // What test_stop gets. Masters wait a minute for a stop; at a quit it has what is left of kUsersGrace.
  static constexpr Duration kTestStopLimit = std::chrono::seconds(50);
  static constexpr Duration kAfterTestStop = std::chrono::milliseconds(500);
  static constexpr Duration kLogReportInterval =
      std::chrono::seconds(10);  // runners.py WORKER_LOG_REPORT_INTERVAL
  static constexpr std::uint64_t kMaxNewLogLines = 70;
  static constexpr std::size_t kMaxDeferred = 64;
  static constexpr int kExitCodeNoMaster = 255;  // stock's sys.exit(-1)
  static constexpr int kExitCodeUnfinished = 1;

  // `finished` is called once with the exit code, when the process may end. With kExitCodeUnfinished
  // the users' loop still runs, and may never return.
  Worker(Scheduler& scheduler, proto::WorkerTransport& transport, UserLoop& users,
         WorkerConfig config, std::function<void(int)> finished);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void begin() { link_.connect(); }
  // One of the ending_signals(). The second one does not wait for the users.
  void interrupt();
  void report_exception(const TaskException& exception);
  // `stop_test: true`, or what is the same in Python. A master of ours ends the test; under another one
  // this worker quits. The log says `reason` once in each test; empty: it has been said.
  void stop_test(std::string_view reason);
  // sys.exit() of test code: leaves as for a signal, but no user gets the stop timeout.
  void exit();

  // Messages of types that Locust does not have, as stock's runner: one handler per type, called
  // with the data. What nobody handles is logged.
  using CustomHandler = std::function<void(const proto::Value& data)>;
  void register_message(const std::string& type, CustomHandler handler);
  void send_message(const std::string& type, proto::Value data);
  // Called for each heartbeat of the master's.
  void on_heartbeat(std::function<void()> callback) { on_heartbeat_ = std::move(callback); }

  WorkerState state() const { return state_; }
  // The users did not stop in time: their loop cannot be waited for.
  bool unfinished() const { return held_up_by_.has_value(); }

 private:
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

  void set_target(const proto::Spawn& spawn);
  void complete_spawning(const UserClassesCount& counts);
  void users_stopped();
  void test_ended();
  void become_ready();
  void run_deferred();
  void master_restarted();
  void diagnose(const LoopReport& report);
  proto::Value::Map heartbeat_extra() const;
  void quit();
  void give_users(Duration time);
  void leave_users_behind();
  void leave();
  void send_report(std::function<void()> then);
  void report_periodically();
  void log_exception(const TaskException& exception);
  void log_exception_counts();
  void begin_log_reports();
  void report_logs();
  void finish(int exit_code);

  Scheduler& scheduler_;
  proto::WorkerTransport& transport_;
  UserLoop& users_;
  const WorkerConfig config_;
  std::function<void(int)> finished_;
  MasterLink link_;

  WorkerState state_ = WorkerState::kReady;
  double last_received_spawn_timestamp_ = 0;
  std::uint64_t spawn_generation_ = 0;  // tells the answer to the present target from late ones
  double stop_timeout_ = 0;             // seconds, of the last spawn
  bool stopping_ = false;               // between `stop` and the client_ready that ends it
  bool quitting_ = false;
  bool finished_called_ = false;
  std::optional<std::string> held_up_by_;  // in words or empty, if the users did not stop in time
  TimePoint users_deadline_{};             // of what users_timer_ waits for
  bool extended_ = false;                  // the master understands what we add to stock's protocol
  std::string secret_;             // of its ack: what makes it know this worker on any connection
  bool stop_test_asked_ = false;   // in this test
  bool ask_to_stop_test_ = false;  // with the next report
  std::optional<ProcessEnd> end_;  // likewise, to masters that understand it
  std::map<std::string, CustomHandler> custom_handlers_;
  std::function<void()> on_heartbeat_;
  SelfDiagnosis diagnosis_;
  std::uint64_t throttled_periods_ = 0;  // up to the last report
  bool announce_classes_ = false;        // an ack came since the last report
  std::deque<proto::Payload> deferred_;

  LogLimiter message_limit_;
  TimePoint exception_second_{};
  int exceptions_sent_ = 0;
  std::uint64_t exceptions_dropped_ = 0;
  std::unordered_set<std::string> exceptions_seen_;  // in this test
  std::uint64_t exceptions_repeated_ = 0;            // since the last line that counted them

  bool sends_logs_ = false;  // the master understands them
  std::uint64_t lines_sent_ = 0;
  TimerId log_timer_ = 0;

  TimerId report_timer_ = 0;
  TimerId ready_timer_ = 0;
  TimerId users_timer_ = 0;
};

}  // namespace locust::worker
