#include "master/run/master_options.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <utility>

#include "common/base/mask.h"
#include "common/options/option_table.h"
#include "common/stats/stats_summary.h"
#include "master/cluster/dispatcher.h"
#include "master/web/origin_check.h"

namespace locust::master {
namespace {

void add_report_options(OptionTable& table, ReportOptions& options) {
  table.add("--csv", options.csv_prefix);
  table.add_flag("--csv-full-history", options.csv_full_history);
  table.add_flag("--csv-safe", options.csv_safe);
  table.add_flag("--only-summary", options.only_summary);
  table.add_flag("--reset-stats", options.reset_stats);
  table.add_flag("--print-stats", options.print_stats);
  table.add("--html", options.html_file);
  table.add_flag("--json", options.json);
  table.add("--json-file", options.json_file);
  table.add("--percentiles", options.percentiles).check([](const std::string& text) {
    const auto percentiles = parse_percentiles(text);
    return percentiles ? std::string() : percentiles.error();
  });
}

void add_web_options(OptionTable& table, WebOptions& options) {
  table.add("--web-host", options.host);
  table.add("--web-host-display-name", options.host_display_name);
  table.add("--web-port", options.port).integer_range(0, 65535);
  table.add("--web-base-path", options.base_path);
  table.add_flag("--class-picker", options.class_picker);
  table.add_flag("--web-login", options.login);
  table.add("--web-users", options.users_file);
  table.add_list("--web-allowed-hosts", options.allowed_hosts).one_value_each_time();
  table.add("--tls-cert", options.tls_cert);
  table.add("--tls-key", options.tls_key);
}

// nullopt if they are consistent.
std::optional<std::string> web_problem(WebOptions& options) {
  while (options.base_path.ends_with('/')) options.base_path.pop_back();
  if (!options.tls_cert != !options.tls_key) return "--tls-cert and --tls-key need each other";
  if (options.users_file && !options.login) return "--web-users is for --web-login only";
  auto hosts = web::parse_allowed_hosts(options.allowed_hosts);
  if (!hosts) return hosts.error();
  options.allowed_hosts = *std::move(hosts);
  return std::nullopt;
}

void add_verdict_options(OptionTable& table, VerdictOptions& options) {
  table.add("--exit-code-on-error", options.exit_code_on_error).integer_range(0, 255);
  table.add_list("--threshold", options.thresholds).one_value_each_time();
  table.add("--check-fail-ratio", options.checks.fail_ratio).number_range(0, 1);
  table.add("--check-avg-response-time", options.checks.avg_response_time).number_range(0, 1e12);
  table.add("--check-rps", options.checks.rps).number_range(0, 1e12);
  table.add_flag("--fail-on-invalid", options.fail_on_invalid);
  table.add("--junit", options.junit_file);
}

// What locust-worker does without a master.
constexpr std::array kDescribe = {"--list",     "--show-task-ratio", "--show-task-ratio-json",
                                  "--validate", "--print-schema",    "--dry-run",
                                  "--check"};
using Describe = std::array<bool, kDescribe.size()>;

void add_describe_options(OptionTable& table, Describe& asked) {
  for (std::size_t i = 0; i < asked.size(); ++i) table.add_flag(kDescribe[i], asked[i]);
}

bool any(const Describe& asked) {
  return std::find(asked.begin(), asked.end(), true) != asked.end();
}

const char* environment(const char* name) { return std::getenv(name); }

// The given values of `secret` arguments. Only workers know their defaults.
void declare_secrets(const std::vector<ArgumentSpec>& arguments, const ArgumentValues& given) {
  std::vector<std::string> values;
  for (const ArgumentSpec& argument : arguments) {
    const auto value = given.find(argument.name);
    if (argument.secret && value != given.end() && value->second) values.push_back(*value->second);
  }
  add_secrets(values);
}

constexpr std::int64_t kMaxInt = std::numeric_limits<int>::max();

void add_load_options(OptionTable& table, MasterOptions& options) {
  table.add("--users", options.users).integer_range(0, UsersDispatcher::kMaxUsers);
  table.add("--spawn-rate", options.spawn_rate).number_range(1e-6, 1e9);
  table.add("--run-time", options.run_time).time_span();
  table.add("--iterations", options.iterations).integer_range(1, kMaxInt);
  table.add_flag("--equal-weights", options.equal_weights);
  table.add("--shape", options.shape);
  table.add("--profile", options.profile);
}

void add_worker_options(OptionTable& table, MasterOptions& options) {
  table.add("--expect-workers", options.expect_workers).integer_range(1, kMaxInt);
  table.add("--expect-workers-max-wait", options.expect_workers_max_wait).integer_range(0, kMaxInt);
  table.add_flag("--enable-rebalancing", options.enable_rebalancing);
  table.add_choice("--on-worker-loss", options.on_worker_loss,
                   {{"continue", OnWorkerLoss::kContinue},
                    {"rebalance", OnWorkerLoss::kRebalance},
                    {"fail", OnWorkerLoss::kFail}});
}

}  // namespace

LocustfilePlace find_locustfile(int argc, const char* const* argv) {
  OptionTable table(Program::kMaster, "");
  table.allow_unknown();
  LocustfilePlace place;
  int processes = 0;
  bool master_mode = false;
  table.add("--locustfile", place.file);
  table.add("--python-home", place.python_home);
  table.add("--config", place.config);
  table.add("--processes", processes);
  table.add_flag("--master", master_mode);
  add_mask_options(table, place.mask);
  Describe describe = {};
  add_describe_options(table, describe);
  if (!table.parse(argc, argv, environment).proceed) return {};
  if (!place.file && (master_mode || processes != 0)) place.file = default_locustfile();
  place.for_others = processes != 0 || any(describe);
  return place;
}

ParseOutcome parse_master_options(int argc, const char* const* argv,
                                  const std::vector<ArgumentSpec>& arguments,
                                  MasterOptions& options,
                                  std::optional<LocustfileOptions> locustfile) {
  OptionTable table(
      Program::kMaster,
      "Leads a distributed load test: waits for workers, hands out users, merges statistics.");
  if (!locustfile) table.allow_unknown();
  table.accept_from_locustfile(std::move(locustfile).value_or(LocustfileOptions()));
  add_common_options(table, options.common);
  add_load_options(table, options);
  bool headful = false;
  table.add_flag("--headless", options.headless);
  table.add_flag("--headful", headful);
  table.add_flag("--autostart", options.autostart);
  table.add("--autoquit", options.autoquit).integer_range(-1, kMaxInt);
  add_worker_options(table, options);
  const BoundOption bind_host = table.add("--master-bind-host", options.master_bind_host);
  const BoundOption bind_port =
      table.add("--master-bind-port", options.master_bind_port).integer_range(0, 65535);
  table.add("--stop-timeout", options.stop_timeout).time_span();
  table.add_list("--config-users", options.config_users);
  add_report_options(table, options.report);
  add_web_options(table, options.web);
  table.add("--processes", options.processes);
  table.add_flag("--as-one-process", options.as_one_process);
  table.add_flag("--master", options.master_mode);
  table.add_flag("--worker", options.worker_mode);
  table.add_flag("--print-options", options.print_options);
  table.add_flag("--hash-password", options.hash_password);
  table.add_list("--compare", options.compare).exactly(2);
  Describe describe = {};
  add_describe_options(table, describe);
  table.add_positional("user_classes", options.user_classes,
                       "User classes to be used. Default is all. [env: LOCUST_USER_CLASSES]");

  add_verdict_options(table, options.verdicts);
  add_tag_options(table, options.tags);
  add_argument_options(table, arguments, options.arguments);

  ParseOutcome outcome = table.parse(argc, argv, environment);
  drop_empty_tags(options.tags);
  options.bind_address_given = bind_host.given() || bind_port.given();
  options.arguments_of_worker = table.arguments_of_worker();
  if (!options.common.locustfile && (options.master_mode || options.processes != 0)) {
    options.common.locustfile = default_locustfile();
  }
  options.common.given = table.given();
  options.headless = options.headless && !headful;
  options.describe = any(describe);
  if (const char* names = std::getenv("LOCUST_USER_CLASSES");
      names != nullptr && options.user_classes.empty()) {
    std::istringstream words(names);
    for (std::string word; words >> word;) options.user_classes.push_back(word);
  }
  if (!options.user_classes.empty()) {
    options.common.given.push_back({"user_classes", options.user_classes});
  }
  if (const auto problem = web_problem(options.web); outcome.proceed && problem) {
    return table.usage_error(*problem);
  }
  if (outcome.proceed && options.report.csv_full_history && !options.report.csv_prefix) {
    return table.usage_error("'--csv-full-history' requires '--csv'.");
  }
  if (outcome.proceed) {
    const auto notes = apply_mask_options(options.common.mask);
    if (!notes) return table.usage_error(notes.error());
    outcome.notes.insert(outcome.notes.end(), notes->begin(), notes->end());
    declare_secrets(arguments, options.arguments);
  }
  return outcome;
}

}  // namespace locust::master
