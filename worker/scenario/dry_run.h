// DryRun: a scenario run by one user of each class, one after the other, without a master.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "common/base/scheduler.h"
#include "worker/scenario/scenario_program.h"
#include "worker/scenario/trace_printer.h"
#include "worker/user/fiber_context.h"
#include "worker/user/fiber_stacks.h"

namespace locust::worker {

struct DryRunOptions {
  std::vector<std::string> user_classes{};  // those to run, in this order; empty: all
  std::int64_t iterations = 0;              // as TracePrinter
  std::string host{};                       // not empty: instead of the file's
  std::uint64_t seed = 0;
};

// Runs test_start, the users and test_stop, as a test does: no user after a failed test_start or a
// stop_test. Used on the loop's thread; everything except `options` must outlive it. Once per
// program.
class DryRun {
 public:
  // `done` is called once, in a turn of its own. Requires that class_error() is empty.
  DryRun(Scheduler& scheduler, HttpEngine& engine, ScenarioProgram& program, DryRunOptions options,
         std::ostream& out, std::function<void()> done);
  // Ends what still runs, without output.
  ~DryRun();
  DryRun(const DryRun&) = delete;
  DryRun& operator=(const DryRun&) = delete;

  // An error line if the program lacks a requested class; empty if it has them all.
  static std::string class_error(const ScenarioProgram& program, const DryRunOptions& options);

  // Something failed.
  bool failed() const { return printer_.failed(); }

 private:
  enum class Kind { kTestStart, kUser, kTestStop };
  struct Part {
    Kind kind;
    UserClass user_class;
  };

  void plan_parts();
  void next();
  void run(Part part);
  void ended();
  void listen();

  Scheduler& scheduler_;
  HttpEngine& engine_;
  ScenarioProgram& program_;
  const DryRunOptions options_;
  std::function<void()> done_;
  TracePrinter printer_;
  UserEvents events_;
  FiberStacks stacks_;
  RequestStats stats_;
  Rng rng_;

  std::deque<Part> parts_;  // still to be run
  Part part_{};             // the running one
  bool raised_ = false;     // an exception ended one of its tasks or hooks
  std::uint64_t next_user_id_ = 0;
  TimerId turn_timer_ = 0;
  std::unique_ptr<User> user_;
  FiberContext context_;  // last: unwinds the stack while the user still exists
};

}  // namespace locust::worker
