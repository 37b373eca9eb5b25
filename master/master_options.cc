#include "master/master_options.h"

#include <cstdlib>
#include <limits>
#include <map>
#include <sstream>

namespace locust::master {

ParseOutcome parse_master_options(int argc, const char* const* argv,
                                  const std::vector<ArgumentSpec>& arguments,
                                  MasterOptions& options) {
  constexpr std::int64_t kMaxInt = std::numeric_limits<int>::max();
  OptionTable table(
      "locust-master",
      "Leads a distributed load test: waits for workers, hands out users, merges statistics.");
  add_common_options(table, options.common);
  table.add("-u,--users", "LOCUST_USERS", options.users, "Peak number of concurrent Locust users")
      ->check(CLI::Range(std::int64_t{0}, kMaxInt));
  table
      .add("-r,--spawn-rate", "LOCUST_SPAWN_RATE", options.spawn_rate,
           "Rate to spawn users at (users per second)")
      ->check(CLI::Range(1e-6, 1e9));
  table
      .add("-t,--run-time", "LOCUST_RUN_TIME", options.run_time,
           "Stop after the specified amount of time, e.g. (300s, 20m, 3h, 1h30m, etc.). Defaults "
           "to run forever.")
      ->transform(time_span_validator());
  table.add_flag("--headless", "LOCUST_HEADLESS", options.headless,
                 "Disable the web interface, and start the test immediately");
  table
      .add("--expect-workers", "LOCUST_EXPECT_WORKERS", options.expect_workers,
           "Delay starting the test until this number of workers have connected and reported their "
           "user classes")
      ->check(CLI::Range(std::int64_t{1}, kMaxInt));
  table
      .add("--expect-workers-max-wait", "LOCUST_EXPECT_WORKERS_MAX_WAIT",
           options.expect_workers_max_wait,
           "How many seconds to wait for workers to connect before giving up. Defaults to wait "
           "forever")
      ->check(CLI::Range(std::int64_t{0}, kMaxInt));
  table.add_flag("--enable-rebalancing", "LOCUST_ENABLE_REBALANCING", options.enable_rebalancing,
                 "Re-distribute users if new workers are added or removed during a test run. "
                 "Experimental.");
  table
      .add("--on-worker-loss", "LOCUST_ON_WORKER_LOSS", options.on_worker_loss,
           "What to do when a worker is lost during the test: continue (as stock), rebalance "
           "(start its users on the others at the spawn rate) or fail (end the test with exit "
           "code 1)")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, OnWorkerLoss>{{"continue", OnWorkerLoss::kContinue},
                                              {"rebalance", OnWorkerLoss::kRebalance},
                                              {"fail", OnWorkerLoss::kFail}}));
  table.add("--master-bind-host", "LOCUST_MASTER_BIND_HOST", options.master_bind_host,
            "IP address for the master to listen on, e.g '192.168.1.1'. Defaults to * (all "
            "available interfaces).");
  table
      .add("--master-bind-port", "LOCUST_MASTER_BIND_PORT", options.master_bind_port,
           "Port for the master to listen on. Defaults to 5557.")
      ->check(CLI::Range(0, 65535));
  table
      .add("-s,--stop-timeout", "LOCUST_STOP_TIMEOUT", options.stop_timeout,
           "Number of seconds to wait for a simulated user to complete any executing task before "
           "exiting. Default is "
           "to terminate immediately.")
      ->transform(time_span_validator());
  table
      .add("--exit-code-on-error", "LOCUST_EXIT_CODE_ON_ERROR", options.exit_code_on_error,
           "Process exit code to use when a test result contains any failure or error. Defaults to "
           "1.")
      ->check(CLI::Range(0, 255));
  table.add_list("--config-users", "LOCUST_CONFIG_USERS", options.config_users,
                 "Weights and fixed counts of user classes as JSON or a file: "
                 R"('{"user_class_name": "Shop", "weight": 3, "fixed_count": 0}')");
  table.add_flag("--only-summary", "LOCUST_ONLY_SUMMARY", options.only_summary,
                 "Disable periodic printing of request stats during --headless run");
  table.add(
      "--processes", "LOCUST_PROCESSES", options.processes,
      "Run this many workers beside the master, on a port of their own. Use -1 for one on every "
      "CPU this process may use.");
  table.add_flag("--master", "LOCUST_MODE_MASTER", options.master_mode,
                 "Accepted for stock's sake; this is the master");
  table.add_positional("user_classes", options.user_classes,
                       "User classes to be used. Default is all. [env: LOCUST_USER_CLASSES]");

  add_tag_options(table, options.tags);
  add_argument_options(table, arguments, options.arguments);

  const auto environment = [](const char* name) -> const char* { return std::getenv(name); };
  ParseOutcome outcome = table.parse(argc, argv, environment);
  read_tag_environment(environment, options.tags);
  if (const char* names = std::getenv("LOCUST_USER_CLASSES");
      names != nullptr && options.user_classes.empty()) {
    std::istringstream words(names);
    for (std::string word; words >> word;) options.user_classes.push_back(word);
  }
  return outcome;
}

}  // namespace locust::master
