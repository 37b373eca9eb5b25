#include "worker/worker_options.h"

#include <cstdlib>
#include <filesystem>

namespace locust::worker {

namespace {

constexpr const char* kDefaultFile = "locustfile.yaml";

bool is_default_file_there() {
  std::error_code ignored;
  return std::filesystem::is_regular_file(kDefaultFile, ignored);
}

const char* environment(const char* name) { return std::getenv(name); }

}  // namespace

std::optional<std::string> find_worker_locustfile(int argc, const char* const* argv) {
  auto given = find_locustfile(argc, argv, environment);
  if (!given && is_default_file_there()) given = kDefaultFile;
  return given;
}

ParseOutcome parse_worker_options(int argc, const char* const* argv,
                                  const std::vector<ArgumentSpec>& arguments,
                                  WorkerOptions& options) {
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
  table.add_flag(
      "--dry-run", "", options.dry_run,
      "Run one user of each class, or of those given as UserClass, without a master, and "
      "print every request, response, check and value; exit code 1 if anything failed. "
      "Each task is run once, in the order of the file");
  table
      .add("--iterations", "", options.iterations,
           "With --dry-run: run so many tasks per user, chosen as in a test, instead of each once")
      ->check(CLI::PositiveNumber);
  table.add_positional("UserClass", options.user_classes,
                       "With --dry-run: the user classes to run");
  table
      .add("-u,--users", "LOCUST_USERS", options.users,
           "For the task ratios: how many users there are. Users are started by the master.")
      ->check(CLI::NonNegativeNumber);
  table
      .add(
          "--connect-timeout", "LOCUST_CONNECT_TIMEOUT", options.connect_timeout,
          "How long to try to reach the master, e.g. (300s, 20m). Its name is looked up again each "
          "time. 0 is for ever. Default is 305 seconds.")
      ->transform(time_span_validator());
  table
      .add("-s,--stop-timeout", "LOCUST_STOP_TIMEOUT", options.stop_timeout,
           "Number of seconds to wait for a simulated user to complete any executing task before "
           "exiting. The master's value replaces it when a test begins.")
      ->transform(time_span_validator());
  table.add("--processes", "LOCUST_PROCESSES", options.processes,
            "Number of times to fork this process, each running a worker. Use -1 to launch one for "
            "every CPU this process may use.");
  bool worker_mode = true;
  table.add_flag("--worker", "LOCUST_MODE_WORKER", worker_mode,
                 "Accepted for stock's sake; this is a worker");

  add_tag_options(table, options.tags);
  add_argument_options(table, arguments, options.arguments);

  ParseOutcome outcome = table.parse(argc, argv, environment);
  read_tag_environment(environment, options.tags);
  if (outcome.proceed && !options.dry_run &&
      (!options.user_classes.empty() || options.iterations > 0)) {
    return {false, 2,
            "locust-worker: error: --iterations and names of user classes need --dry-run\n"};
  }
  if (outcome.proceed && !options.common.locustfile && !options.print_schema) {
    if (!is_default_file_there()) {
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
