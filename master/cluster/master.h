// Master: the state machine that leads a distributed test. Stock's MasterRunner (runners.py)
// without its greenlets: messages, timers and commands come in one at a time, nothing here waits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/log_limiter.h"
#include "common/base/scheduler.h"
#include "common/stats/run_clock.h"
#include "common/stats/stats.h"
#include "master/cluster/dispatcher.h"
#include "master/cluster/file_comparison.h"
#include "master/cluster/iteration_limit.h"
#include "master/cluster/limit_warnings.h"
#include "master/cluster/locustfile_replies.h"
#include "master/cluster/master_events.h"
#include "master/cluster/paced_spread.h"
#include "master/cluster/user_classes.h"
#include "master/cluster/worker_logs.h"
#include "master/cluster/worker_losses.h"
#include "master/cluster/worker_registry.h"
#include "master/report/snapshot.h"
#include "proto/message.h"
#include "proto/transport.h"

namespace locust::master {

// clang-format off
// state      | command or event                        | next
// -----------+-----------------------------------------+----------------------------------------------------------
// ready,     | start                                   | spawning; clears statistics: a new test
// stopped    | stop                                    | unchanged
// spawning   | start                                   | spawning, from what was dispatched so far
//            | last step sent and all users reported,  | running; `spawning_complete` to the workers
//            |   or 1 s later                          |
// running    | start; a worker joins, quits, comes     | spawning
//            |   back or is given up for lost          |
// spawning,  | stop, last worker gone                  | stopping; `stop` to the workers
// running    | quit                                    | stopping; `quit` to the workers
// stopping   | every worker stopped and ready again,   | stopped
//            |   or missing, or stop_timeout + 60 s    |
//            | start                                   | spawning; clears statistics
// clang-format on
enum class MasterState { kReady, kSpawning, kRunning, kStopping, kStopped };

std::string_view to_string(MasterState state);

struct MasterConfig {
  // Of -H; becomes every class's host on every worker.
  std::optional<std::string> host = std::nullopt;
  double stop_timeout = 0;  // seconds
  // Users of a missing worker are started on the others at once, not when something else makes
  // users move (--enable-rebalancing).
  bool enable_rebalancing = false;
  OnWorkerLoss on_worker_loss = OnWorkerLoss::kContinue;
  // For workers that ask for the test (-f -); without it they are told that there is none. A YAML
  // scenario is for workers of ours only.
  std::optional<proto::LocustfileReply> locustfile = std::nullopt;
  bool is_scenario = false;
  // Told to the workers with every spawn: tags and the values of the scenario's arguments. Some are
  // secret: not to be logged.
  proto::Value::Map parsed_options{};
  Duration report_wait =
      std::chrono::seconds(1);  // after a ramp, for the workers' counts (see report_wait_from)
  bool reset_stats = false;     // after each ramp
  std::int64_t iterations = 0;  // tasks that all workers of ours together may begin; 0: no limit
  FileDigests files{};          // of the scenario, if there is one
  // What the test's own file says of its classes; what a native worker reports replaces it.
  std::vector<proto::ClassInfo> classes{};
  std::vector<double> percentiles{};  // StatsSummary::percentiles of the snapshots
  bool as_one_process = false;        // what test code does on workers of ours counts as done here
};

// LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP: seconds, or "n * WORKER_REPORT_INTERVAL".
Result<Duration> report_wait_from(std::string_view text);

// Owned and used by the control thread. `scheduler` and `transport` must outlive it. Nothing that a
// peer sends can make it throw, stall, or grow without bound.
class Master {
 public:
  Master(Scheduler& scheduler, proto::MasterTransport& transport, UserClassCatalog catalog,
         MasterConfig config);
  ~Master();
  Master(const Master&) = delete;
  Master& operator=(const Master&) = delete;

  // The subscriber must unsubscribe before it ends, and before the master does.
  void subscribe(MasterEvents& subscriber) { events_.add(subscriber); }
  void unsubscribe(MasterEvents& subscriber) { events_.remove(subscriber); }
  // What the statistics are kept by.
  const Clock& clock() const { return clock_; }
  // What test code may write to as well.
  RequestStats& stats_of_test() { return stats_; }
  // Of test code; complete after on_quitting. The first code wins.
  std::optional<int> wanted_exit_code() const { return wanted_exit_code_; }
  void want_exit_code(int code);
  bool quitting() const { return quitting_; }

  // Ramps to `user_count` users at `spawn_rate` users per second, up or down from what was
  // dispatched before. With `class_counts` the named classes have these numbers of users, whose sum
  // is `user_count`, and the others none. New users are of `classes`; if nothing is said of them, as
  // said before in this test, or at first of all. Does nothing but warn if no worker is there.
  void start(std::int64_t user_count, double spawn_rate,
             const std::optional<std::vector<ClassCount>>& class_counts = std::nullopt,
             const std::optional<std::vector<std::string>>& classes = std::nullopt);
  // From within on_test_start: the test ends before it has users, and the state stays as it was.
  void abandon_start() { start_abandoned_ = true; }
  // Why no test of so many users can be started now; nothing if one can.
  std::optional<std::string> obstacle(std::int64_t user_count) const;
  // Ends the test; workers become ready for the next one.
  void stop();
  // Ends the test and the workers. on_quit_complete() follows when every living worker has sent its
  // last report, at the latest kQuitGrace after stop_timeout, and not before kMinQuitWait; one that has
  // been silent for less than kQuitGrace is taken to be alive, as it may be cut off. A master that is
  // behind with reading what they have sent takes up to kReadGrace more. A second call
  // completes at once.
  void quit();
  // Statistics and exceptions begin anew, the test goes on (stock's /stats/reset).
  void reset_stats();

  // These take effect with the next order to the workers: what MasterConfig says of both, and which
  // classes the next test has (see UserClassCatalog::select).
  void set_host(std::optional<std::string> host) { config_.host = std::move(host); }
  void set_parsed_options(proto::Value::Map options) {
    config_.parsed_options = std::move(options);
  }
  void select_classes(const std::vector<std::string>& names) { catalog_.select(names); }
  // Changes attributes of a class on all workers, and its weight and fixed count here (stock's
  // POST /user). False: there is no such class.
  bool update_user_class(proto::UpdateUserClass update);

  // Messages of types that Locust does not know (stock's register_message and send_message). The
  // handler gets the sender's id; an empty `id` sends to every worker that is there.
  using CustomHandler = std::function<void(const std::string& id, const proto::Value& data)>;
  void register_message(const std::string& type, CustomHandler handler);
  void send_message(const std::string& type, const proto::Value& data, const std::string& id = "");

  const WorkerLogs& worker_logs() const { return worker_logs_; }

  MasterState state() const { return state_; }
  // A ramp has a step to come.
  bool dispatching() const { return step_timer_ != 0; }
  // Workers that are ready and have reported their classes.
  std::size_t usable_ready_count() const;
  std::size_t ready_count() const { return registry_.count(WorkerState::kReady); }
  const WorkerRegistry& registry() const { return registry_; }
  const UserClassCatalog& catalog() const { return catalog_; }
  // What native workers report of their classes, or else the test's own file says, by name.
  const std::map<std::string, proto::ClassInfo, std::less<>>& described_classes() const {
    return described_;
  }
  // The names of the tasks that update_user_class has left to a class, by name.
  const std::map<std::string, std::vector<std::string>, std::less<>>& chosen_tasks() const {
    return chosen_tasks_;
  }
  const std::optional<std::string>& host() const { return config_.host; }
  // The test is a YAML scenario's, whose hosts are URLs.
  bool runs_scenario() const { return config_.is_scenario; }
  const proto::Value::Map& parsed_options() const { return config_.parsed_options; }
  std::int64_t target_user_count() const { return target_user_count_; }
  // Users of each class when the last ramp was over (MasterRunner.target_user_classes_count).
  const UserCounts& target_user_classes_count() const { return target_user_classes_count_; }
  double spawn_rate() const { return spawn_rate_; }
  const RequestStats& stats() const { return stats_; }
  bool has_exceptions() const { return !exceptions_.empty(); }
  bool limits_iterations() const { return iteration_limit_.is_set(); }
  // Workers that said in this test that they, and not the target, limit it.
  const std::set<std::string>& generator_bound() const { return generator_bound_; }
  // Of this test, or of the last one.
  const WorkerLosses& losses() const { return losses_; }
  const FileComparison& file_comparison() const { return file_comparison_; }
  bool worker_cpu_warning_emitted() const { return worker_cpu_warning_emitted_; }
  // The last test is over, and in it users were to run but no request was made, no task began and
  // no exception was raised. False where that is not known: stock workers do not count tasks, and
  // of a test of theirs that reports nothing nobody can say whether it did anything; nor is it
  // known of workers that were lost.
  bool was_silent() const;
  // Workers that were asked to quit and have not delivered their last report, those of unfinished()
  // left out.
  std::vector<MissingReport> undelivered() const;
  // Workers of this test, or of the last one, that ended without their last report, because their
  // users did not stop in time; the first kMaxUnfinished of them.
  const std::vector<MissingReport>& unfinished() const { return unfinished_; }
  std::size_t unfinished_count() const { return unfinished_count_; }
  SnapshotPtr snapshot() const;
  // What views show of it, its clock by this machine's as it is set now.
  WorkerView view_of(const Worker& worker) const;

  static constexpr Duration kMinQuitWait = std::chrono::milliseconds(500);  // MasterRunner.quit
  static constexpr Duration kQuitGrace =
      std::chrono::seconds(12);  // a worker's on_stop may take 10 s of it
  static constexpr Duration kReadGrace = std::chrono::seconds(30);
  static constexpr Duration kStopGrace = std::chrono::seconds(60);  // MasterRunner.stop
  static constexpr std::size_t kMaxExceptions = 1'000;
  static constexpr std::size_t kMaxUnfinished = 1'000;
  // Of their texts and of the ids of those that reported them.
  static constexpr std::size_t kMaxExceptionsBytes = std::size_t{8} << 20;
  static constexpr std::size_t kMaxClassNameBytes = 1024;
  static constexpr std::size_t kMaxDescriptionBytes = std::size_t{8} << 20;  // of all classes
  // Each second, but one at least. Who is left out asks again.
  static constexpr std::size_t kMaxLocustfileReplies = 50;
  static constexpr std::size_t kMaxLocustfileBytes = std::size_t{100} << 20;

 private:
  // Messages.
  void handle_message(std::string_view identity, std::string_view bytes);
  void handle_from(std::string_view identity, proto::Payload& payload);
  bool is_from(Worker& worker, const proto::Payload& payload, std::string_view bytes);
  void handle(Worker* worker, const std::string& id, const proto::ClientReady& message);
  void handle(Worker* worker, const std::string& id, const proto::Heartbeat& message);
  void handle(Worker* worker, const std::string& id, proto::Stats& message);
  void handle(Worker* worker, const std::string& id, const proto::Spawning& message);
  void handle(Worker* worker, const std::string& id, const proto::SpawningComplete& message);
  void handle(Worker* worker, const std::string& id, const proto::ClientStopped& message);
  void handle(Worker* worker, const std::string& id, const proto::Exception& message);
  void handle(Worker* worker, const std::string& id, const proto::Logs& message);
  void handle(Worker* worker, const std::string& id, const proto::LocustfileRequest& message);
  void handle(Worker* worker, const std::string& id, const proto::Quit& message);
  void handle(Worker* worker, const std::string& id, const proto::Custom& message);
  template <typename Other>
  void handle(Worker* worker, const std::string& id, const Other& message);
  void log_bad_message(std::string_view identity, std::string_view what);
  void send(const std::string& id, proto::Payload payload);
  bool check_version(const std::string& id, const proto::Value& version);
  void take_back(const std::string& id);
  void stop_for(const Worker& worker);
  void describe_class(proto::ClassInfo info);
  void merge(const StatsReport& report);
  void take_counts(Worker& worker, const proto::UserClassesCount& counts);
  bool set_counts(Worker& worker, const proto::UserClassesCount& counts);
  void take_files(Worker& worker, FileDigests files);
  void measure_clock(Worker& worker, double start_time);
  double clock_ahead(const Worker& worker) const;
  void note_diagnosis(Worker& worker, const proto::Heartbeat& message);
  void note_end_of_process(const proto::Value::Map& said);
  void count_tasks(Worker& worker, const proto::Value::Map& said);

  // Presence.
  void schedule_tick();
  void tick();
  bool may_judge_silence();
  void look_for_missing();
  void look_for_clock_step();
  void assume_classes_of_silent_workers();
  void include(Worker& worker);
  void exclude(const Worker& worker);
  void note_loss(const Worker& worker, WorkerLoss::Kind how);
  void note_unfinished(Worker& worker, std::string_view held_up_by);
  MissingReport missing_report(const Worker& worker) const;
  void forget_users(const Worker& worker);
  void renew_dispatcher();
  void redistribute();
  void redistribute_now();
  void check_last_worker(std::string_view how);
  void check_users_gone();

  // The test.
  bool in_test() const {
    return state_ == MasterState::kSpawning || state_ == MasterState::kRunning;
  }
  std::set<std::string> loaded_classes() const;
  std::vector<DispatchWorker> dispatch_workers() const;
  void warn_of_assumed_weights() const;
  bool make_dispatcher();
  std::string no_worker_has(const std::vector<std::string>& classes) const;
  bool begin_test();
  void synchronize_clock();
  void share_iterations();
  void begin_cycle();
  void dispatch_step();
  bool next_step();
  void send_spawn(std::size_t row);
  void await_reports();
  void note_target();
  void check_all_spawned();
  void complete_spawning(bool all_reported);
  void end_test();
  void test_is_over();
  void check_stopped();
  void send_quit(int repeats_left);
  void check_quit();
  void repeat_quit();
  void finish_quit();
  proto::Value::Map native_options(const std::string& id) const;
  double next_spawn_timestamp(Worker& worker) const;

  Scheduler& scheduler_;
  RunClock clock_;
  double reported_drift_ = 0;  // of the machine's clock, in this test
  proto::MasterTransport& transport_;
  UserClassCatalog catalog_;
  std::map<std::string, proto::ClassInfo, std::less<>> described_;
  std::size_t described_bytes_ = 0;
  std::map<std::string, std::vector<std::string>, std::less<>> chosen_tasks_;
  MasterConfig config_;
  EventSubscribers events_;
  bool test_is_on_ = false;       // for them
  bool start_abandoned_ = false;  // by one of them
  std::optional<int> wanted_exit_code_;
  bool uncaught_on_worker_ = false;  // an exception, which is worth an exit code

  MasterState state_ = MasterState::kReady;
  WorkerRegistry registry_;
  RequestStats stats_;
  std::optional<double> test_began_;  // wall_time of clock_ at the start of the last one
  bool users_asked_for_ = false;      // in it
  std::int64_t tasks_begun_ = 0;      // likewise
  std::vector<ExceptionView> exceptions_;
  std::unordered_map<std::string, std::size_t>
      exception_index_;  // frames_of_test(traceback) -> place in exceptions_
  std::size_t exceptions_bytes_ = 0;
  std::set<std::string> generator_bound_;
  WorkerLosses losses_;
  std::vector<MissingReport> unfinished_;
  std::size_t unfinished_count_ = 0;
  FileComparison file_comparison_;
  bool worker_cpu_warning_emitted_ = false;

  std::optional<UsersDispatcher> dispatcher_;
  std::optional<PacedSpread> paced_;  // with OnWorkerLoss::kRebalance only
  int paced_starts_ = 0;              // of its last step
  bool redistribute_again_ = false;   // somebody came or went while it was behind
  bool classes_learned_ = false;      // since the dispatcher was made
  TimePoint redistributed_at_{};      // when users were last distributed anew
  TimerId redistribute_timer_ = 0;
  // Workers that a feeder's rows are shared among: one more than the highest index at the begin of
  // the test, and the same to its end, so that no two workers ever take the same row.
  int feeder_shares_ = 1;
  IterationLimit iteration_limit_;
  std::int64_t target_user_count_ = 0;
  UserCounts target_user_classes_count_;
  double spawn_rate_ = 0;
  std::optional<std::vector<ClassCount>> class_counts_;
  std::optional<std::vector<std::string>> classes_of_new_users_;  // nothing: all
  bool awaiting_reports_ = false;
  TimerId step_timer_ = 0;
  TimerId report_timer_ = 0;

  TimerId tick_timer_ = 0;
  int seconds_behind_ = 0;  // in a row without having read everything
  TimerId stop_timer_ = 0;
  bool quitting_ = false;
  bool quit_complete_ = false;
  TimePoint quit_began_{};
  TimerId quit_timer_ = 0;

  std::map<std::string, CustomHandler> custom_handlers_;
  WorkerLogs worker_logs_;
  std::size_t locustfile_replies_ = 0;  // in this second
  LocustfileReplies replies_on_their_way_;

  LogLimiter bad_message_limit_;  // of lines that any peer can cause, known or not
  LimitWarnings limit_warnings_;
  std::unordered_map<std::string, TimePoint>
      taken_back_;  // unknown ids that go on, and when to send them a `stop`, at the earliest
};

}  // namespace locust::master
