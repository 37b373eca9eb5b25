#include "common/options.h"

#include <algorithm>
#include <sstream>

#include "common/time_span.h"
#include "common/version.h"

namespace locust {
namespace {

// What configargparse takes for true and false in an environment variable of a flag.
std::optional<bool> parse_bool(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  for (const char* yes : {"true", "yes", "on", "1"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"false", "no", "off", "0"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::string long_name(const CLI::Option& option) { return "--" + option.get_lnames().front(); }

// CLI11 takes a value in brackets apart at its commas. A blank in front keeps a JSON array whole.
std::string shielded(std::string argument) {
  const std::size_t value = argument.starts_with("--") ? argument.find('=') + 1 : 0;
  const std::size_t array = argument.find_first_not_of(" \t\n", value);
  if (array == std::string::npos || argument[array] != '[') return argument;
  const std::size_t element = argument.find_first_not_of(" \t\n", array + 1);
  if (element != std::string::npos && argument[element] == '{') argument.insert(value, " ");
  return argument;
}

// Whether an argument names the option.
bool names(int argc, const char* const* argv, const CLI::Option& option) {
  const std::string name = long_name(option);
  return std::any_of(argv + std::min(argc, 1), argv + argc, [&](const std::string_view argument) {
    return argument == name || argument.starts_with(name + "=");
  });
}

}  // namespace

OptionTable::OptionTable(std::string program, const std::string& description)
    : app_(description, std::move(program)) {
  app_.set_help_flag("-h,--help", "Show this help message and exit");
  app_.set_version_flag("-V,--version", app_.get_name() + " " + std::string(kVersion));
  app_.get_formatter()->column_width(34);
}

CLI::Option* OptionTable::bind_environment(CLI::Option* option, const std::string& env) {
  if (!env.empty()) {
    option->description(option->get_description() + " [env: " + env + "]");
    bindings_.push_back({option, env});
  }
  return option;
}

ParseOutcome OptionTable::usage_error(const std::string& text) const {
  return {false, 2,
          "usage: " + app_.get_name() + " [options]\n" + app_.get_name() + ": error: " + text +
              " (see " + app_.get_name() + " --help)\n"};
}

ParseOutcome OptionTable::parse(int argc, const char* const* argv,
                                const std::function<const char*(const char*)>& getenv) {
  // The environment is put in front of the arguments: the last value of an option wins. Each
  // variable is parsed alone first, so that an error names it.
  std::vector<std::string> arguments;
  for (const Binding& binding : bindings_) {
    const char* value = getenv(binding.env.c_str());
    if (value == nullptr || *value == '\0') continue;
    // A list of the arguments replaces that of the environment, where CLI11 would append.
    if (binding.option->get_expected_max() > 1 && names(argc, argv, *binding.option)) continue;
    std::string argument = long_name(*binding.option);
    if (binding.option->get_expected_max() == 0) {
      const auto on = parse_bool(value);
      if (!on)
        return usage_error("environment variable " + binding.env + ": '" + value +
                           "' is not true or false");
      if (!*on) continue;
    } else {
      argument = shielded(argument + '=' + value);
    }
    try {
      app_.parse(std::vector<std::string>{argument});
    } catch (const CLI::ParseError& e) {
      return usage_error("environment variable " + binding.env + ": " + e.what());
    }
    arguments.push_back(std::move(argument));
  }
  for (int i = 1; i < argc; ++i) arguments.push_back(shielded(argv[i]));
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes a vector from its back
  try {
    app_.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return {false, 0, app_.help()};
  } catch (const CLI::CallForVersion& e) {
    return {false, 0, std::string(e.what()) + "\n"};
  } catch (const CLI::ParseError& e) {
    return usage_error(e.what());
  }
  return {};
}

CLI::Validator time_span_validator() {
  return {[](std::string& text) -> std::string {
            const auto span = parse_time_span(text);
            if (!span) return span.error();
            text = std::to_string(span->count());
            return {};
          },
          ""};
}

void add_common_options(OptionTable& table, CommonOptions& options) {
  table.add("-f,--locustfile", "LOCUST_LOCUSTFILE", options.locustfile,
            "Scenario file, comma-separated list of files, or folder");
  table.add("-H,--host", "LOCUST_HOST", options.host,
            "Host to load test, in the following format: https://www.example.com");
  table
      .add("-L,--loglevel", "LOCUST_LOGLEVEL", options.loglevel,
           "Choose between DEBUG/INFO/WARNING/ERROR/CRITICAL. Default is INFO.")
      ->transform(
          CLI::IsMember({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}, CLI::ignore_case));
  table.add("--logfile", "LOCUST_LOGFILE", options.logfile,
            "Path to log file. If not set, log will go to stderr");
}

void add_tag_options(OptionTable& table, TagOptions& options) {
  const auto add = [&table](const char* names, std::vector<std::string>& target, const char* help) {
    table.add_list(names, "", target, help)->expected(0, CLI::detail::expected_max_vector_size);
  };
  add("-T,--tags", options.tags,
      "List of tags to include in the test, so only tasks with at least one matching tag will be "
      "executed [env: LOCUST_TAGS]");
  add("-E,--exclude-tags", options.exclude_tags,
      "List of tags to exclude from the test, so only tasks with no matching tags will be executed "
      "[env: LOCUST_EXCLUDE_TAGS]");
}

void read_tag_environment(const std::function<const char*(const char*)>& getenv,
                          TagOptions& options) {
  const auto read = [&getenv](const char* name, std::vector<std::string>& target) {
    const char* value = getenv(name);
    // CLI11 leaves an empty text for an option without values.
    const bool given = !target.empty();
    std::erase(target, "");
    if (given || value == nullptr) return;
    std::string text = value;
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '[' || c == ']' || c == ','; }, ' ');
    std::istringstream words(text);
    for (std::string word; words >> word;) target.push_back(word);
  };
  read("LOCUST_TAGS", options.tags);
  read("LOCUST_EXCLUDE_TAGS", options.exclude_tags);
}

}  // namespace locust
