#include "worker/worker_options.h"

#include <cstdlib>
#include <filesystem>

namespace locust::worker {

ParseOutcome parse_worker_options(int argc, const char* const* argv, WorkerOptions& options) {
  constexpr const char* kDefaultFile = "locustfile.yaml";
  OptionTable table("locust-worker",
                    "Runs the virtual users of a distributed load test and reports to a master.");
  add_common_options(table, options.common);
  table.add("--master-host", "LOCUST_MASTER_NODE_HOST", options.master_host,
            "Hostname of locust master node to connect to. Defaults to 127.0.0.1.");
  table
      .add("--master-port", "LOCUST_MASTER_NODE_PORT", options.master_port,
           "Port to connect to on master node. Defaults to 5557.")
      ->check(CLI::Range(1, 65535));
  table.add("--samples", "LOCUST_SAMPLES", options.samples,
            "Write every request to this file, as CSV: time (seconds since 1970), type, name, ms, "
            "bytes, status, error, user");
  table.add_flag("--print-schema", "", options.print_schema,
                 "Print a JSON Schema of scenario files, for editors, and exit");
  table.add_flag("--validate", "", options.validate,
                 "Check the scenario and the files it names, tell what is in it, and exit");
  table.add_flag("-l,--list", "", options.list, "Show list of possible User classes and exit");
  table.add_flag("--show-task-ratio", "", options.show_task_ratio,
                 "Print table of the User classes' task execution ratio. Use this with non-zero "
                 "--user option if some classes define non-zero fixed_count attribute.");
  table.add_flag("--show-task-ratio-json", "", options.show_task_ratio_json, "The same as JSON.");
  table
      .add("-u,--users", "LOCUST_USERS", options.users,
           "For the task ratios: how many users there are. Users are started by the master.")
      ->check(CLI::NonNegativeNumber);
  bool worker_mode = true;
  table.add_flag("--worker", "LOCUST_MODE_WORKER", worker_mode,
                 "Accepted for stock's sake; this is a worker");

  ParseOutcome outcome =
      table.parse(argc, argv, [](const char* name) { return std::getenv(name); });
  if (outcome.proceed && !options.common.locustfile && !options.print_schema) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(kDefaultFile, ignored)) {
      return {false, 2,
              "locust-worker: error: no scenario: give one with -f FILE, or put locustfile.yaml "
              "into the working "
              "directory\n"};
    }
    options.common.locustfile = kDefaultFile;
  }
  return outcome;
}

}  // namespace locust::worker
