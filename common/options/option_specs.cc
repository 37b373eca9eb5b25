#include "common/options/option_specs.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace locust {
namespace {

using enum OptionEffect;

// The texts of stock's options are those of stock's --help.

constexpr std::array kCommon = {
    OptionSpec{"-h,--help", "", "", kBoth, "Show this help message and exit"},
    OptionSpec{
        "-f,--locustfile", "LOCUST_LOCUSTFILE", "<filename>", kBoth,
        "The file that contains your test, a YAML scenario or a Python locustfile: files, folders "
        "or URLs, separated by commas. Defaults to 'locustfile.yaml' or 'locustfile.py'. On a "
        "worker, '-' gets the test from the master. locust-master works without a file, because it "
        "learns user classes from its workers; it looks for the default only with --master or "
        "--processes.",
        "Scenarios are sent to locust-workers with -f -, Python files to stock workers too."},
    OptionSpec{"--config", "", "<filename>", kBoth,
               "File to read additional configuration from: lines such as 'users = 5', or "
               "[tool.locust] of a .toml file"},
    OptionSpec{"-H,--host", "LOCUST_HOST", "<base url>", kBoth,
               "Host to load test, in the following format: https://www.example.com"},
    OptionSpec{
        "-u,--users", "LOCUST_USERS", "<int>", kBoth,
        "Peak number of concurrent Locust users. On a worker, used only for the task ratios"},
    OptionSpec{"-r,--spawn-rate", "LOCUST_SPAWN_RATE", "<float>", kMaster,
               "Rate to spawn users at (users per second)"},
    OptionSpec{"-t,--run-time", "LOCUST_RUN_TIME", "<time string>", kMaster,
               "Stop after the specified amount of time, e.g. (300s, 20m, 3h, 1h30m, etc.). "
               "Defaults to run forever."},
    OptionSpec{"-l,--list", "", "", kBoth, "Show list of possible User classes and exit"},
    OptionSpec{
        "--config-users", "LOCUST_CONFIG_USERS", "<json>...", kBoth,
        "Weights and fixed counts of user classes, as JSON or a file: '{\"user_class_name\": "
        "\"Shop\", \"weight\": 3, \"fixed_count\": 0}'; on workers also \"host\" and \"tasks\", "
        "the names of the tasks to run, and for Python classes any attribute. Takes several "
        "arguments or an array"},
};

constexpr std::array kWeb = {
    OptionSpec{"--web-host", "LOCUST_WEB_HOST", "<ip>", kMaster,
               "Host to bind the web interface to. Defaults to '*' (all interfaces)"},
    OptionSpec{"--web-host-display-name", "LOCUST_WEB_HOST_DISPLAY_NAME", "<name>", kMaster,
               "Address of the web interface as the log shows it"},
    OptionSpec{"-P,--web-port", "LOCUST_WEB_PORT", "<port number>", kMaster,
               "Port on which to run web host"},
    OptionSpec{"--headless", "LOCUST_HEADLESS", "", kMaster,
               "Disable the web interface, and start the test immediately. Use -u and -t to "
               "control user count and "
               "run time"},
    OptionSpec{"--autostart", "LOCUST_AUTOSTART", "", kMaster,
               "Starts the test immediately (like --headless, but without disabling the web UI)"},
    OptionSpec{"--autoquit", "LOCUST_AUTOQUIT", "<seconds>", kMaster,
               "Quits Locust entirely, X seconds after the run is finished. Only used together "
               "with --autostart. The "
               "default is to keep Locust running until you shut it down using CTRL+C"},
    OptionSpec{"--headful", "LOCUST_HEADFUL", "", kMaster,
               "Overrides --headless of a configuration file"},
    OptionSpec{"--web-auth", "LOCUST_WEB_AUTH", "<username:password>", kRefused,
               "Replaced in stock", "The --web-auth parameters has been replaced with --web-login"},
    OptionSpec{"--web-login", "LOCUST_WEB_LOGIN", "", kMaster,
               "Protects the web interface with a login page"},
    OptionSpec{"--tls-cert", "LOCUST_TLS_CERT", "<filename>", kMaster,
               "Optional path to TLS certificate to use to serve over HTTPS"},
    OptionSpec{"--tls-key", "LOCUST_TLS_KEY", "<filename>", kMaster,
               "Optional path to TLS private key to use to serve over HTTPS"},
    OptionSpec{"--class-picker", "LOCUST_USERCLASS_PICKER", "", kMaster,
               "Enable select boxes in the web interface to choose from all available User classes "
               "and Shape classes"},
    OptionSpec{"--build-path", "LOCUST_BUILD_PATH", "<directory>", kNone,
               "Another web page for stock's master", "The page is part of the program."},
    OptionSpec{"--legacy-ui", "LOCUST_LEGACY_UI", "", kRefused, "Removed in stock",
               "--legacy-ui is no longer supported, remove the parameter to continue"},
    OptionSpec{"--web-base-path", "LOCUST_WEB_BASE_PATH", "<path>", kMaster,
               "Base path for the web interface (e.g., '/locust'). Default is empty (root path)."},
};

constexpr std::array kMasterOptions = {
    OptionSpec{"--master", "LOCUST_MODE_MASTER", "", kMaster,
               "Launch locust as a master node, to which worker nodes connect.",
               "Chooses the program for `locust`; locust-master is one without it."},
    OptionSpec{"--master-bind-host", "LOCUST_MASTER_BIND_HOST", "<ip>", kMaster,
               "IP address for the master to listen on, e.g '192.168.1.1'. Defaults to * (all "
               "available interfaces)."},
    OptionSpec{"--master-bind-port", "LOCUST_MASTER_BIND_PORT", "<port number>", kMaster,
               "Port for the master to listen on. Defaults to 5557."},
    OptionSpec{"--expect-workers", "LOCUST_EXPECT_WORKERS", "<int>", kMaster,
               "Delay starting the test until this number of workers have connected and reported "
               "their user classes"},
    OptionSpec{"--expect-workers-max-wait", "LOCUST_EXPECT_WORKERS_MAX_WAIT", "<int>", kMaster,
               "How many seconds to wait for workers to connect before giving up. Defaults to wait "
               "forever"},
    OptionSpec{
        "--enable-rebalancing", "", "", kMaster,
        "Re-distribute users if new workers are added or removed during a test run. Experimental."},
    OptionSpec{"--expect-slaves", "", "", kRefused, "Renamed in stock",
               "The --expect-slaves parameter has been renamed --expect-workers"},
};

constexpr std::array kWorkerOptions = {
    OptionSpec{"--worker", "LOCUST_MODE_WORKER", "", kWorker,
               "Set locust to run in distributed mode with this process as worker.",
               "Chooses the program for `locust`; locust-worker is one without it."},
    OptionSpec{
        "--processes", "LOCUST_PROCESSES", "<int>", kBoth,
        "Number of worker processes: locust-worker forks into them; locust-master and locust start "
        "them beside the master, on a port of their own. Use -1 for one per CPU that this process "
        "may use."},
    OptionSpec{"--slave", "", "", kRefused, "Renamed in stock",
               "The --slave parameter has been renamed --worker"},
    OptionSpec{"--master-host", "LOCUST_MASTER_NODE_HOST", "<hostname>", kWorker,
               "Hostname of locust master node to connect to. Defaults to 127.0.0.1."},
    OptionSpec{"--master-port", "LOCUST_MASTER_NODE_PORT", "<port number>", kWorker,
               "Port to connect to on master node. Defaults to 5557."},
};

constexpr std::array kTags = {
    OptionSpec{"-T,--tags", "LOCUST_TAGS", "<tag>...", kBoth,
               "List of tags to include in the test, so only tasks with at least one matching tag "
               "will be executed",
               "The master's reach all workers."},
    OptionSpec{"-E,--exclude-tags", "LOCUST_EXCLUDE_TAGS", "<tag>...", kBoth,
               "List of tags to exclude from the test, so only tasks with no matching tags will be "
               "executed",
               "The master's reach all workers."},
};

constexpr std::array kStatistics = {
    OptionSpec{"--csv", "LOCUST_CSV", "<filename>", kMaster,
               "Store request stats to files in CSV format: <filename>_stats.csv, "
               "<filename>_stats_history.csv, <filename>_failures.csv and "
               "<filename>_exceptions.csv. Any folders part of the prefix will be automatically "
               "created"},
    OptionSpec{"--csv-full-history", "LOCUST_CSV_FULL_HISTORY", "", kMaster,
               "Store each stats entry in CSV format to _stats_history.csv file. You must also "
               "specify the '--csv' argument to enable this."},
    OptionSpec{"--print-stats", "LOCUST_PRINT_STATS", "", kMaster,
               "Enable periodic printing of request stats in UI runs"},
    OptionSpec{"--only-summary", "LOCUST_ONLY_SUMMARY", "", kMaster,
               "Disable periodic printing of request stats during --headless run",
               "A line of progress takes their place."},
    OptionSpec{"--reset-stats", "LOCUST_RESET_STATS", "", kBoth,
               "Reset statistics once spawning has been completed. Should be set on both master "
               "and workers when running in distributed mode"},
    OptionSpec{"--html", "LOCUST_HTML", "<filename>", kMaster,
               "Store HTML report to file path specified."},
    OptionSpec{"--json", "", "", kMaster, "Prints the final stats in JSON format to stdout."},
    OptionSpec{"--json-file", "", "<filename>", kMaster,
               "Prints the final stats in JSON format to file path specified.",
               "The ending .json is added, and the final tables are not printed, as in stock."},
};

constexpr std::array kLogging = {
    OptionSpec{"--skip-log-setup", "LOCUST_SKIP_LOG_SETUP", "", kBoth,
               "Disable Locust's logging setup: only warnings and errors are logged, to stderr"},
    OptionSpec{"-L,--loglevel", "LOCUST_LOGLEVEL", "<level>", kBoth,
               "Choose between DEBUG/INFO/WARNING/ERROR/CRITICAL. Default is INFO.", "",
               "DEBUG INFO WARNING ERROR CRITICAL"},
    OptionSpec{"--logfile", "LOCUST_LOGFILE", "<filename>", kBoth,
               "Path to log file. If not set, log will go to stderr"},
};

constexpr std::array kOther = {
    OptionSpec{"--show-task-ratio", "", "", kBoth,
               "Print table of the User classes' task execution ratio. Use this with non-zero "
               "--user option if some "
               "classes define non-zero fixed_count attribute."},
    OptionSpec{"--show-task-ratio-json", "", "", kBoth, "The same as JSON."},
    OptionSpec{"-V,--version", "", "", kBoth, "Show program's version number and exit"},
    OptionSpec{"--exit-code-on-error", "LOCUST_EXIT_CODE_ON_ERROR", "<int>", kMaster,
               "Process exit code to use when a test result contains any failure or error. "
               "Defaults to 1.",
               "With thresholds, defaults to 0."},
    OptionSpec{"-s,--stop-timeout", "LOCUST_STOP_TIMEOUT", "<number>", kBoth,
               "Number of seconds to wait for a simulated user to complete any executing task "
               "before exiting. Default "
               "is to terminate immediately. Only needs to be specified on the master."},
    OptionSpec{"--equal-weights", "", "", kBoth,
               "Use equally distributed task weights, overriding the weights specified in the "
               "scenario."},
    OptionSpec{"--profile", "", "<name>", kBoth, "Set a profile to group the testruns together",
               "The form, the HTML report and the run as JSON show it."},
    OptionSpec{"--otel", "LOCUST_ENABLE_OPENTELEMETRY", "", kNone,
               "Instrument the Locust test run with OpenTelemetry.",
               "It instruments Python's HTTP clients. locust-worker has a client of its own; see "
               "--samples."},
};

constexpr std::array kOurs = {
    OptionSpec{"--python-home", "LOCUST_PYTHON_HOME", "<folder>", kBoth,
               "Virtual environment (or installation) of Python 3.11 whose packages a Python "
               "locustfile may import. Defaults to what VIRTUAL_ENV names, or the system's Python"},
    OptionSpec{"--as-one-process", "", "", kBoth,
               "Treat master and workers as one process: the workers get only the master's "
               "options, sys.exit() in Python test code on a worker ends the run with its code, "
               "and an uncaught exception there makes the exit code 2. locust and --processes set "
               "it"},
    OptionSpec{"--web-users", "LOCUST_WEB_USERS", "<filename>", kMaster,
               "File with the users of --web-login, one 'NAME:HASH' per line; --hash-password "
               "makes hashes. Without it there is one user: LOCUST_WEB_USERNAME with "
               "LOCUST_WEB_PASSWORD"},
    OptionSpec{"--web-allowed-hosts", "LOCUST_WEB_ALLOWED_HOSTS", "<hosts>", kMaster,
               "Host names, besides this machine's, under which the web interface may be reached, "
               "separated by commas, e.g. 'locust.example.com,locust-master' or '.example.com'; "
               "may be repeated. '*' allows all names and all sites"},
    OptionSpec{"--hash-password", "", "", kMaster,
               "Ask for a password, print its hash for --web-users, and exit"},
    OptionSpec{"--compare", "", "<file>...", kMaster,
               "Compare two runs and exit. The files are those of --json-file, of 'run as JSON' on "
               "the page, or of the URL /api/v1/run.json"},
    OptionSpec{"--shape", "LOCUST_SHAPE", "<name>", kMaster,
               "Load shape of the scenario to run instead of --users, --spawn-rate and --run-time, "
               "or 'none'. Defaults to the first one in the scenario"},
    OptionSpec{"--threshold", "LOCUST_THRESHOLD", "<condition>", kMaster,
               "Condition that must hold at the end of the run, in addition to the scenario's "
               "thresholds, e.g. 'p95 < 500ms' or 'GET /api/orders: p99 < 800ms, fail_ratio < 1%'; "
               "may be repeated. The exit code is 1 if one does not hold"},
    OptionSpec{
        "--check-fail-ratio", "LOCUST_CHECK_FAIL_RATIO", "<float>", kMaster,
        "Maximum ratio of failed requests (0.0-1.0); exit code 3 if exceeded, as in "
        "locust-plugins. Failures and exceptions then do not affect the exit code otherwise"},
    OptionSpec{
        "--check-avg-response-time", "LOCUST_CHECK_AVG_RESPONSE_TIME", "<float>", kMaster,
        "Maximum average response time in ms; exit code 3 if exceeded, as in locust-plugins"},
    OptionSpec{"--check-rps", "LOCUST_CHECK_RPS", "<float>", kMaster,
               "Minimum requests per second; exit code 3 if not reached, as in locust-plugins"},
    OptionSpec{"--fail-on-invalid", "LOCUST_FAIL_ON_INVALID", "", kMaster,
               "Exit code 3 if the results cannot be trusted: workers were lost, nothing happened "
               "although users were to run, last reports are missing, or workers limited the test "
               "or ran different files"},
    OptionSpec{"--junit", "LOCUST_JUNIT", "<filename>", kMaster,
               "Write the thresholds and checks of the run to this file as JUnit XML, for CI "
               "systems"},
    OptionSpec{"--on-worker-loss", "LOCUST_ON_WORKER_LOSS", "<what>", kMaster,
               "What to do when a worker is lost during the test: continue (as stock), rebalance "
               "(start its users on the other workers at the spawn rate) or fail (end the test "
               "with exit code 1)",
               "", "continue rebalance fail"},
    OptionSpec{"--percentiles", "LOCUST_PERCENTILES", "<list>", kMaster,
               "Response time percentiles in the line of progress. Default is 50,95,99. Tables and "
               "CSV files always have stock's"},
    OptionSpec{"--dry-run", "", "", kBoth,
               "Run one user of each class, or of those given as UserClass, without a master, and "
               "print every request, response, check and value; the exit code is 1 if anything "
               "failed. Each task is run once, in the order of the file"},
    OptionSpec{"-i,--iterations", "LOCUST_ITERATIONS", "<int>", kBoth,
               "Start at most this many tasks on all native workers together, and end the test "
               "when they are done, as in locust-plugins. With --dry-run: this many per user, "
               "chosen as in a test, instead of each once"},
    OptionSpec{"--samples", "LOCUST_SAMPLES", "<filename>", kWorker,
               "Write every request to this file as CSV: time (seconds since 1970), type, name, "
               "ms, bytes, status, error, user"},
    OptionSpec{"--csv-safe", "LOCUST_CSV_SAFE", "", kBoth,
               "In CSV files, put a ' before texts that spreadsheets would evaluate as formulas "
               "(those that start with = + - or @). Names and errors come from scenarios, workers "
               "and servers"},
    OptionSpec{"--max-body-size", "LOCUST_MAX_BODY_SIZE", "<size>", kWorker,
               "Maximum size of a response body that is decompressed, or kept for a check, an "
               "expression or a Python locustfile, in bytes or as 512MB, 2GB. A longer one is a "
               "failure. Default is 256MB."},
    OptionSpec{"--evidence", "LOCUST_EVIDENCE", "<how much>", kBoth,
               "How much of the first exchange of each kind of failure is logged and shown: none, "
               "head (request line, status and headers) or full (also 4 KiB of the response body "
               "and the values of the failed check). The master's setting also applies to its "
               "native workers. Default is full",
               "", "none head full"},
    OptionSpec{"--mask", "LOCUST_MASK", "<regex>", kBoth,
               "Mask matches of this regular expression (RE2), or of its groups, in everything "
               "that is logged, written or shown, in addition to what looks like a credential; may "
               "be repeated"},
    OptionSpec{"--secret-env", "LOCUST_SECRET_ENV", "<name>", kBoth,
               "Mask the value of this environment variable in the same way; may be repeated, or "
               "name several variables, separated by commas"},
    OptionSpec{"--source-ip", "LOCUST_SOURCE_IP", "<address>...", kWorker,
               "Local addresses to send requests from, or ranges such as 10.0.0.1-10.0.0.9, "
               "distributed over the users. Each allows 28,000 connections to one server. "
               "Overrides the scenario's source_ip"},
    OptionSpec{
        "--connect-timeout", "LOCUST_CONNECT_TIMEOUT", "<time string>", kWorker,
        "How long to try to reach the master, and with -f - how long to wait for its files, e.g. "
        "(300s, 20m). The master's name is resolved again for each attempt. 0 means forever. "
        "Default is 305 seconds, and 300 for the files."},
    OptionSpec{"--validate", "", "", kBoth,
               "Check the scenario and the files it refers to, print a summary, and exit"},
    OptionSpec{
        "--check", "", "", kBoth,
        "Check Python locustfiles without executing them, and exit: which imports are missing, "
        "and what the files use of locust and gevent that is missing or differs here, each with "
        "file and line; the exit code is 1 if there is anything. The files are those given and "
        "those of -f. YAML scenarios are checked as by --validate"},
    OptionSpec{"--print-schema", "", "", kBoth,
               "Print a JSON Schema of scenario files, for editors, and exit"},
    OptionSpec{"--print-options", "", "", kMaster,
               "Print the table of all options as Markdown, as in docs/cli.md, and exit"},
};

constexpr std::array kGroups = {
    OptionGroup{.title = "Common options", .in_stock = true, .options = kCommon},
    OptionGroup{.title = "Web UI options", .in_stock = true, .options = kWeb},
    OptionGroup{.title = "Master options", .in_stock = true, .options = kMasterOptions},
    OptionGroup{.title = "Worker options", .in_stock = true, .options = kWorkerOptions},
    OptionGroup{.title = "Tag options", .in_stock = true, .options = kTags},
    OptionGroup{.title = "Request statistics options", .in_stock = true, .options = kStatistics},
    OptionGroup{.title = "Logging options", .in_stock = true, .options = kLogging},
    OptionGroup{.title = "Other options", .in_stock = true, .options = kOther},
    OptionGroup{.title = "Options of locust-cpp", .in_stock = false, .options = kOurs},
};

std::string_view effect_name(OptionEffect effect) {
  switch (effect) {
    case kMaster:
      return "master";
    case kWorker:
      return "worker";
    case kBoth:
      return "both";
    case kNone:
      return "no effect";
    case kRefused:
      return "refused";
  }
  return {};
}

// Escapes the characters that would end a table cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|' || c == '<') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string option_row(const OptionSpec& spec) {
  std::string row = "| ";
  for (const std::string_view name : option_names(spec)) {
    if (row.size() > 2) row += ", ";
    row.append("`").append(name);
    if (!spec.is_flag() && name.starts_with("--")) row.append(" ").append(spec.metavar);
    row += '`';
  }
  row += " | ";
  if (!spec.env.empty()) row.append("`").append(spec.env).append("`");
  row.append(" | ").append(effect_name(spec.effect)).append(" | ").append(cell(spec.help));
  if (!spec.remark.empty()) {
    if (!spec.help.ends_with('.')) row += '.';
    row.append(" *").append(cell(spec.remark)).append("*");
  }
  return row + " |\n";
}

}  // namespace

std::string_view OptionSpec::key() const {
  const std::string_view from_dashes = names.substr(names.find("--"));
  return from_dashes.substr(0, from_dashes.find(','));
}

std::span<const OptionGroup> option_groups() { return kGroups; }

const OptionSpec* find_option_spec(std::string_view key) {
  for (const OptionGroup& group : kGroups) {
    for (const OptionSpec& spec : group.options) {
      if (spec.key() == key) return &spec;
    }
  }
  return nullptr;
}

const OptionSpec& option_spec(std::string_view key) {
  if (const OptionSpec* spec = find_option_spec(key)) return *spec;
  throw std::logic_error("no option " + std::string(key) + " in common/options/option_specs.cc");
}

bool is_in_stock(const OptionSpec& spec) {
  for (const OptionGroup& group : kGroups) {
    for (const OptionSpec& member : group.options) {
      if (&member == &spec) return group.in_stock;
    }
  }
  return false;
}

std::string attribute_of(const OptionSpec& spec) {
  // Those with other names than their options.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kRenamed = {{
      {"--users", "num_users"},
      {"--list", "list_commands"},
      {"--csv", "csv_prefix"},
      {"--csv-full-history", "stats_history_enabled"},
      {"--html", "html_file"},
  }};
  for (const auto& [key, attribute] : kRenamed) {
    if (key == spec.key()) return std::string(attribute);
  }
  std::string attribute(spec.key().substr(2));
  std::replace(attribute.begin(), attribute.end(), '-', '_');
  return attribute;
}

bool is_attribute_of_stock(std::string_view name) {
  if (name == "users") return true;  // "num_users" of a form
  for (const OptionGroup& group : kGroups) {
    for (const OptionSpec& spec : group.options) {
      if (group.in_stock && attribute_of(spec) == name) return true;
    }
  }
  return false;
}

std::vector<std::string_view> option_names(const OptionSpec& spec) {
  std::vector<std::string_view> names;
  std::string_view rest = spec.names;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    names.push_back(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return names;
}

const char* name_of(Program program) {
  return program == Program::kMaster ? "locust-master" : "locust-worker";
}

bool concerns(Program program, OptionEffect effect) {
  return effect == OptionEffect::kBoth ||
         effect == (program == Program::kMaster ? OptionEffect::kMaster : OptionEffect::kWorker);
}

std::string help_text(const OptionSpec& spec) {
  std::string text(spec.help);
  if (!spec.remark.empty()) text.append(text.ends_with('.') ? " " : ". ").append(spec.remark);
  if (!spec.env.empty()) text.append(" [env: ").append(spec.env).append("]");
  return text;
}

std::string group_title(const OptionSpec& spec) {
  for (const OptionGroup& group : option_groups()) {
    for (const OptionSpec& member : group.options) {
      if (&member == &spec) return std::string(group.title);
    }
  }
  return {};
}

std::vector<std::string> option_choices(const OptionSpec& spec) {
  std::istringstream words{std::string(spec.choices)};
  return {std::istream_iterator<std::string>(words), {}};
}

std::string options_as_markdown() {
  std::string text;
  for (const OptionGroup& group : kGroups) {
    if (!text.empty()) text += '\n';
    text.append("### ").append(group.title).append("\n");
    text += "| option | environment variable | for | meaning |\n|---|---|---|---|\n";
    for (const OptionSpec& spec : group.options) text += option_row(spec);
  }
  return text;
}

}  // namespace locust
