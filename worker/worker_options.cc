#include "worker/worker_options.h"

#include <cstdlib>
#include <limits>
#include <utility>

#include "common/options/option_table.h"

namespace locust::worker {

namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<int>::max();

const char* environment(const char* name) { return std::getenv(name); }

// For both parsings of the command line.
void add_master_options(OptionTable& table, std::string& host, int& port) {
  table.add("--master-host", host);
  table.add("--master-port", port).integer_range(1, 65535).type_name("<port>");
}

}  // namespace

ScenarioPlace find_scenario(int argc, const char* const* argv) {
  OptionTable table(Program::kWorker, "");
  table.allow_unknown();
  ScenarioPlace place;
  table.add("--locustfile", place.locustfile);
  table.add("--python-home", place.python_home);
  table.add("--config", place.config);
  add_master_options(table, place.master_host, place.master_port);
  table.add("--connect-timeout", place.connect_timeout).time_span();
  add_mask_options(table, place.mask);
  bool print_schema = false;
  table.add_flag("--print-schema", print_schema);
  table.add_flag("--check", place.check);
  table.add_positional("UserClass", place.files_to_check, "");
  if (!table.parse(argc, argv, environment).proceed || print_schema) {
    place.locustfile.reset();
    place.check = false;
  }
  if (!place.check) place.files_to_check.clear();
  if (!place.locustfile && place.files_to_check.empty()) place.locustfile = default_locustfile();
  return place;
}

ParseOutcome parse_worker_options(int argc, const char* const* argv,
                                  const std::vector<ArgumentSpec>& arguments,
                                  WorkerOptions& options, LocustfileKind kind,
                                  LocustfileOptions locustfile) {
  OptionTable table(Program::kWorker,
                    "Runs the virtual users of a distributed load test and reports to a master.");
  table.accept_from_locustfile(std::move(locustfile));
  add_common_options(table, options.common);
  add_master_options(table, options.master_host, options.master_port);
  table.add("--samples", options.samples);
  table.add_flag("--csv-safe", options.csv_safe);
  table.add("--max-body-size", options.max_body_size).size_range(1, std::uint64_t{1} << 40U);
  table.add_list("--source-ip", options.source_ip);
  table.add_flag("--reset-stats", options.reset_stats);
  table.add_flag("--equal-weights", options.equal_weights);
  table.add_list("--config-users", options.config_users);
  table.add_flag("--print-schema", options.print_schema);
  table.add_flag("--validate", options.validate);
  table.add_flag("--check", options.check);
  table.add_flag("--list", options.list);
  table.add_flag("--show-task-ratio", options.show_task_ratio);
  table.add_flag("--show-task-ratio-json", options.show_task_ratio_json);
  table.add_flag("--dry-run", options.dry_run);
  table.add("--iterations", options.iterations).integer_range(1, kMaxInt);
  table.add_positional("UserClass", options.user_classes,
                       "With --dry-run or a Python locustfile: the user classes to run. With "
                       "--check: files");
  table.add("--users", options.users).integer_range(0, kMaxInt);
  table.add("--connect-timeout", options.connect_timeout).time_span();
  table.add("--stop-timeout", options.stop_timeout).time_span();
  table.add("--processes", options.processes);
  table.add_flag("--as-one-process", options.as_one_process);
  table.add("--profile", options.profile);
  bool worker_mode = true;
  table.add_flag("--worker", worker_mode);

  add_tag_options(table, options.tags);
  add_argument_options(table, arguments, options.arguments);

  ParseOutcome outcome = table.parse(argc, argv, environment);
  drop_empty_tags(options.tags);
  options.common.given = table.given();
  if (!options.user_classes.empty()) {
    options.common.given.push_back({"user_classes", options.user_classes});
  }
  if (outcome.proceed && kind != LocustfileKind::kPython && !options.dry_run && !options.check &&
      !options.user_classes.empty()) {
    return {false, kUsageError, "locust-worker: error: names of user classes need --dry-run\n"};
  }
  if (outcome.proceed) {
    const auto notes = apply_mask_options(options.common.mask);
    if (!notes) return table.usage_error(notes.error());
    outcome.notes.insert(outcome.notes.end(), notes->begin(), notes->end());
    if (options.iterations != 0 && !options.dry_run) {
      outcome.notes.push_back("--iterations has no effect on a worker: give it to the master");
    }
    // The master logs the same notes.
    if (options.as_one_process) outcome.notes.clear();
  }
  if (!options.common.locustfile) options.common.locustfile = default_locustfile();
  const bool names_files = options.check && !options.user_classes.empty();
  if (outcome.proceed && !options.common.locustfile && !options.print_schema && !names_files) {
    return {false, kUsageError, std::string("locust-worker: error: ") + kNoScenario + "\n"};
  }
  return outcome;
}

}  // namespace locust::worker
