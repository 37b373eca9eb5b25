// Master: the state machine that runs a distributed test. Stock's MasterRunner (runners.py)
// without its greenlets: messages, timers and commands are handled one at a time, and none waits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/log_limiter.h"
#include "common/base/scheduler.h"
#include "common/stats/run_clock.h"
#include "common/stats/stats.h"
#include "master/cluster/class_descriptions.h"
#include "master/cluster/locustfile_server.h"
#include "master/cluster/master_events.h"
#include "master/cluster/presence.h"
#include "master/cluster/rollout.h"
#include "master/cluster/shutdown.h"
#include "master/cluster/test_results.h"
#include "master/cluster/user_classes.h"
#include "master/cluster/wanted_exit.h"
#include "master/cluster/worker_logs.h"
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
  // The value of -H, which becomes every class's host on every worker.
  std::optional<std::string> host = std::nullopt;
  double stop_timeout = 0;  // seconds
  // Whether users of a missing worker are started on the others at once, rather than with the next
  // redistribution (--enable-rebalancing).
  bool enable_rebalancing = false;
  OnWorkerLoss on_worker_loss = OnWorkerLoss::kContinue;  // a subscriber acts on kFail
  // Sent to workers that request the test (-f -); without it they get an error. A YAML scenario is
  // for native workers only.
  std::optional<proto::LocustfileReply> locustfile = std::nullopt;
  bool is_scenario = false;
  // Tags and the values of the scenario's arguments, sent to the workers with every spawn message.
  // Some are secret and must not be logged.
  proto::Value::Map parsed_options{};
  Duration report_wait =
      std::chrono::seconds(1);  // after a ramp, for the workers' counts (see report_wait_from)
  bool reset_stats = false;     // after each ramp
  std::int64_t iterations = 0;  // tasks that all native workers together may begin; 0: no limit
  FileDigests files{};          // of the scenario, if there is one
  // The classes as the test's own file describes them. Reports of native workers replace them.
  std::vector<proto::ClassInfo> classes{};
  std::vector<double> percentiles{};  // StatsSummary::percentiles of the snapshots
  bool as_one_process = false;        // test code on native workers counts as if it ran here
};

// Owned and used by the control thread. `scheduler` and `transport` must outlive it. Nothing that a
// peer sends can make it throw, stall, or grow without bound.
//
// It decides what each message means in each state. Its parts act on it: Presence tracks which
// workers are connected, Rollout distributes users, TestResults merges reports, Shutdown ends
// tests.
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

  // --- Commands.
  // Ramps to `user_count` users at `spawn_rate` users per second, up or down from what is
  // dispatched. With `class_counts` the named classes get these numbers of users, whose sum is
  // `user_count`, and the others none. New users are of `classes`; nullopt keeps the test's
  // selection, at first all classes. Without a worker it only logs a warning.
  void start(std::int64_t user_count, double spawn_rate,
             const std::optional<std::vector<ClassCount>>& class_counts = std::nullopt,
             const std::optional<std::vector<std::string>>& classes = std::nullopt);
  // Call within on_test_start. The test ends before it has users, and the state stays as it was.
  void abandon_start();
  // Why no test of that many users can be started now; nullopt if one can.
  std::optional<std::string> obstacle(std::int64_t user_count) const;
  // Ends the test; workers become ready for the next one.
  void stop();
  // Ends the test and the workers. on_quit_complete() follows when every living worker has sent its
  // last report, within the bounds of Shutdown. A second call completes at once.
  void quit();
  // Resets statistics and exceptions; the test continues (stock's /stats/reset).
  void reset_stats();
  // The first code wins.
  void want_exit_code(int code) { wanted_exit_.want(code); }

  // These take effect with the next order to the workers. They replace what MasterConfig sets, and
  // the classes that a test has (see UserClassCatalog::select).
  void set_host(std::optional<std::string> host) { rollout_.orders().set_host(std::move(host)); }
  void set_parsed_options(proto::Value::Map options) {
    rollout_.orders().set_parsed_options(std::move(options));
  }
  void set_stop_timeout(double seconds);
  void select_classes(const std::vector<std::string>& names) { catalog_.select(names); }
  // Whether statistics are reset after each ramp.
  void set_resets_stats(bool resets) { results_.set_resets_after_ramp(resets); }
  // The classes of the test's own file have these weights and fixed counts from now on, and others
  // get no users (UserClassCatalog::describe). Within on_test_start: already in this test.
  void describe_classes(const std::vector<DispatchClass>& classes);
  // Changes attributes of a class on all workers, and its weight and fixed count here (stock's
  // POST /user). Returns false if the class is unknown.
  bool update_user_class(proto::UpdateUserClass update);

  // Messages of custom types (stock's register_message and send_message). The handler gets the
  // sender's id; an empty `id` sends to every connected worker.
  using CustomHandler = std::function<void(const std::string& id, const proto::Value& data)>;
  void register_message(const std::string& type, CustomHandler handler);
  void send_message(const std::string& type, const proto::Value& data, const std::string& id = "");

  // --- The state.
  MasterState state() const;
  bool in_test() const { return rollout_.in_test(); }  // spawning or running
  bool quitting() const { return shutdown_.quitting(); }
  // The exit code that test code has set. Final after on_quitting.
  std::optional<int> wanted_exit_code() const { return wanted_exit_.code(); }
  SnapshotPtr snapshot() const;

  // --- Workers.
  const WorkerRegistry& registry() const { return presence_.registry(); }
  // Workers that are ready and have reported their classes.
  std::size_t usable_ready_count() const;
  std::size_t ready_count() const { return registry().count(WorkerState::kReady); }
  // The worker as views show it. Its clock is compared with this machine's current clock.
  WorkerView view_of(const WorkerNode& worker) const;
  const WorkerLogs& worker_logs() const { return worker_logs_; }

  // --- Classes, and what orders to the workers say.
  const UserClassCatalog& catalog() const { return catalog_; }
  // The classes by name, as native workers or else the test's own file describe them.
  const std::map<std::string, proto::ClassInfo, std::less<>>& described_classes() const {
    return classes_.described();
  }
  // The names of the tasks that update_user_class has selected, by class.
  const std::map<std::string, std::vector<std::string>, std::less<>>& chosen_tasks() const {
    return classes_.chosen_tasks();
  }
  const std::optional<std::string>& host() const { return rollout_.orders().host(); }
  double stop_timeout() const { return rollout_.orders().stop_timeout(); }
  const proto::Value::Map& parsed_options() const { return rollout_.orders().parsed_options(); }
  // Whether the test is a YAML scenario, whose hosts are URLs.
  bool runs_scenario() const { return locustfiles_.kind() == LocustfileServer::Kind::kScenario; }
  bool limits_iterations() const { return rollout_.orders().iteration_limit().is_set(); }
  std::int64_t target_user_count() const { return rollout_.target_user_count(); }
  // Users of each class when the last ramp was over (MasterRunner.target_user_classes_count).
  const UserCounts& target_user_classes_count() const {
    return rollout_.target_user_classes_count();
  }
  double spawn_rate() const { return rollout_.spawn_rate(); }

  // --- Results of the current test, or of the last one: see TestResults.
  const Clock& clock() const { return clock_; }  // of the statistics
  const RequestStats& stats() const { return results_.stats(); }
  // Test code may write to it as well.
  RequestStats& stats_of_test() { return results_.stats(); }
  bool has_exceptions() const { return !results_.exceptions().empty(); }
  const std::set<std::string>& generator_bound() const { return results_.generator_bound(); }
  const WorkerLosses& losses() const { return results_.losses(); }
  const FileComparison& file_comparison() const { return results_.file_comparison(); }
  bool worker_cpu_warning_emitted() const { return results_.cpu_warning_emitted(); }
  const std::vector<MissingReport>& unfinished() const { return results_.unfinished(); }
  std::size_t unfinished_count() const { return results_.unfinished_count(); }
  // Whether the last test is over and did nothing: users were to run, but no request was made, no
  // task began and no exception was raised. False if that is unknown: stock workers do not count
  // tasks, and lost workers may have sent too little.
  bool was_silent() const;
  // Workers that were asked to quit and have not sent their last report, except those of
  // unfinished().
  std::vector<MissingReport> undelivered() const;

 private:
  // What subscribers have been notified of last. kRestarting: of the end of a test, because the
  // next one starts.
  enum class Notified { kNothing, kRestarting, kStarting, kAbandoned, kStart, kStopping };

  // Messages (master_messages.cc).
  void handle_message(std::string_view identity, std::string_view bytes);
  void handle_from(std::string_view identity, proto::Payload& payload);
  bool is_from(WorkerNode& worker, const proto::Payload& payload, std::string_view bytes);
  void handle(WorkerNode* worker, const std::string& id, const proto::ClientReady& message);
  void handle(WorkerNode* worker, const std::string& id, const proto::Heartbeat& message);
  void handle(WorkerNode* worker, const std::string& id, proto::Stats& message);
  void handle(WorkerNode* worker, const std::string& id, const proto::Spawning& message);
  void handle(WorkerNode* worker, const std::string& id, const proto::SpawningComplete& message);
  void handle(WorkerNode* worker, const std::string& id, const proto::ClientStopped& message);
  void handle(WorkerNode* worker, const std::string& id, const proto::Exception& message);
  void handle(WorkerNode* worker, const std::string& id, const proto::Logs& message);
  void handle(WorkerNode* worker, const std::string& id, const proto::LocustfileRequest& message);
  void handle(WorkerNode* worker, const std::string& id, const proto::Quit& message);
  void handle(WorkerNode* worker, const std::string& id, const proto::Custom& message);
  template <typename Other>
  void handle(WorkerNode* worker, const std::string& id, const Other& message);
  void log_bad_message(std::string_view identity, std::string_view what);
  bool check_version(const std::string& id, const proto::Value& version);
  void answer_stranger(const std::string& id);
  void take_diagnosis(WorkerNode& worker, const proto::HeartbeatExtension& diagnosis);
  void take_extension(WorkerNode& worker, proto::StatsExtension& extension);
  void take_counts(WorkerNode& worker, const UserCounts& counts);
  bool set_counts(WorkerNode& worker, const UserCounts& counts);

  // Workers that join and leave.
  void tick();
  void look_for_missing();
  void include(WorkerNode& worker);
  void exclude(const WorkerNode& worker);
  void note_loss(const WorkerNode& worker, WorkerLoss::Kind how);
  void check_last_worker(std::string_view how);

  // The test.
  void send(const std::string& id, proto::Payload payload);
  bool begin_test();
  void ramp_is_over();
  void end_test();
  void test_is_over();
  void finish_quit();

  proto::MasterTransport& transport_;
  RunClock clock_;
  UserClassCatalog catalog_;
  ClassDescriptions classes_;
  EventSubscribers events_;
  Notified notified_ = Notified::kNothing;
  WantedExit wanted_exit_;
  LogLimiter bad_message_limit_;  // of lines that any peer can cause, known or not
  Presence presence_;
  TestResults results_;
  Rollout rollout_;
  Shutdown shutdown_;
  LocustfileServer locustfiles_;
  std::map<std::string, CustomHandler> custom_handlers_;
  WorkerLogs worker_logs_;
};

}  // namespace locust::master
