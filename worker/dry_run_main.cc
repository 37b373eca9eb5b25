#include "worker/dry_run_main.h"

#include <csignal>
#include <iostream>
#include <random>

#include "common/base/event_loop.h"
#include "common/base/log.h"
#include "common/base/signals.h"
#include "worker/http/engine.h"
#include "worker/scenario/dry_run.h"
#include "worker/worker_run.h"

namespace locust::worker {
namespace {

constexpr int kFailed = 1;

}  // namespace

int run_dry(const WorkerOptions& options, ScenarioProgram& program) {
  const DryRunOptions dry_options{.user_classes = options.user_classes,
                                  .iterations = options.iterations,
                                  .host = options.common.host.value_or(""),
                                  .seed = std::random_device{}()};
  if (const std::string error = DryRun::class_error(program, dry_options); !error.empty()) {
    return fail(error, kUsageError);
  }
  SignalWatcher::block(ending_signals());
  std::signal(SIGPIPE, SIG_IGN);
  // The trace prints the texts of `log` steps, so they are not logged again.
  if (const auto ok = log::setup({.level = "WARNING", .logfile = options.common.logfile}); !ok) {
    return fail(ok.error(), kUsageError);
  }
  SystemClock clock;
  EventLoop loop(clock);
  EngineOptions engine_options = program.engine_options();
  engine_options.max_body_bytes = options.max_body_size;
  const auto engine = make_curl_engine(loop, std::move(engine_options));
  bool complete = false;
  DryRun run(loop, *engine, program, dry_options, std::cout, [&] {
    complete = true;
    loop.stop();
  });
  const SignalWatcher signals(loop, ending_signals(), [&](int) { loop.stop(); });
  loop.run();
  if (!complete) std::cout << "\nInterrupted\n" << std::flush;
  log::shutdown();
  return complete && !run.failed() ? 0 : kFailed;
}

}  // namespace locust::worker
