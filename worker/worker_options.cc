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

// For both parsings of the command line.
void add_master_options(OptionTable& table, std::string& host, int& port) {
  table.add("--master-host", host);
  table.add("--master-port", port)->check(CLI::Range(1, 65535))->type_name("<port>");
}

}  // namespace

ScenarioPlace find_scenario(int argc, const char* const* argv) {
  OptionTable table(Program::kWorker, "");
  table.allow_unknown();
  ScenarioPlace place;
  table.add("--locustfile", place.locustfile);
  add_master_options(table, place.master_host, place.master_port);
  bool print_schema = false;
  table.add_flag("--print-schema", print_schema);
  if (!table.parse(argc, argv, environment).proceed || print_schema) place.locustfile.reset();
  if (!place.locustfile && is_default_file_there()) place.locustfile = kDefaultFile;
  return place;
}

ParseOutcome parse_worker_options(int argc, const char* const* argv,
                                  const std::vector<ArgumentSpec>& arguments,
                                  WorkerOptions& options) {
  OptionTable table(Program::kWorker,
                    "Runs the virtual users of a distributed load test and reports to a master.");
  add_common_options(table, options.common);
  add_master_options(table, options.master_host, options.master_port);
  table.add("--samples", options.samples);
  table.add_flag("--reset-stats", options.reset_stats);
  table.add_flag("--print-schema", options.print_schema);
  table.add_flag("--validate", options.validate);
  table.add_flag("--list", options.list);
  table.add_flag("--show-task-ratio", options.show_task_ratio);
  table.add_flag("--show-task-ratio-json", options.show_task_ratio_json);
  table.add_flag("--dry-run", options.dry_run);
  table.add("--iterations", options.iterations)->check(CLI::PositiveNumber);
  table.add_positional("UserClass", options.user_classes,
                       "With --dry-run: the user classes to run");
  table.add("--users", options.users)->check(CLI::NonNegativeNumber);
  table.add("--connect-timeout", options.connect_timeout)->transform(time_span_validator());
  table.add("--stop-timeout", options.stop_timeout)->transform(time_span_validator());
  table.add("--processes", options.processes);
  bool worker_mode = true;
  table.add_flag("--worker", worker_mode);

  add_tag_options(table, options.tags);
  add_argument_options(table, arguments, options.arguments);

  ParseOutcome outcome = table.parse(argc, argv, environment);
  drop_empty_tags(options.tags);
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
