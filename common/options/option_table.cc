#include "common/options/option_table.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <sstream>

#include "common/base/nearest_name.h"
#include "common/base/number.h"
#include "common/base/time_span.h"
#include "common/base/version.h"
#include "common/options/config_file.h"

namespace locust {
namespace {

// The values of configargparse for true and false in the environment variable of a flag.
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

bool has_name(const CLI::Option& option, std::string_view name) {
  const std::vector<std::string>& names = option.get_lnames();
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Arguments of a scenario are among the options in stock too.
bool is_known_in_stock(const CLI::Option* option) {
  const OptionSpec* spec = find_option_spec(long_name(*option));
  return spec == nullptr || is_in_stock(*spec);
}

// CLI11 splits a value in brackets at its commas. A leading blank keeps a JSON array whole.
std::string shielded(std::string argument) {
  const std::size_t value = argument.starts_with("--") ? argument.find('=') + 1 : 0;
  const std::size_t array = argument.find_first_not_of(" \t\n", value);
  if (array == std::string::npos || argument[array] != '[') return argument;
  const std::size_t element = argument.find_first_not_of(" \t\n", array + 1);
  if (element != std::string::npos && argument[element] == '{') argument.insert(value, " ");
  return argument;
}

// The elements of a list that is one text: "[a, b]" or "a b". JSON is one element; its reader
// splits it.
std::vector<std::string> list_elements(std::string text) {
  if (text.find('{') != std::string::npos) return {text};
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '[' || c == ']' || c == ','; }, ' ');
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

// The arguments that set an option to a value from the environment or a file.
Result<std::vector<std::string>> as_arguments(const CLI::Option& option,
                                              const std::vector<std::string>& values,
                                              bool is_list) {
  const std::string name = long_name(option);
  if (option.get_expected_max() > 1) {
    std::vector<std::string> arguments;
    for (const std::string& element : is_list ? values : list_elements(values.front())) {
      arguments.push_back(shielded(name + '=' + element));
    }
    return arguments;
  }
  if (is_list) return Error{"takes one value, not a list"};
  if (option.get_expected_max() == 1) return std::vector<std::string>{name + '=' + values.front()};
  const auto on = parse_bool(values.front());
  if (!on) return Error{'\'' + values.front() + "' is not true or false"};
  return *on ? std::vector<std::string>{name} : std::vector<std::string>{};
}

bool concerns(Program program, OptionEffect effect) {
  return effect == OptionEffect::kBoth ||
         effect == (program == Program::kMaster ? OptionEffect::kMaster : OptionEffect::kWorker);
}

const char* name_of(Program program) {
  return program == Program::kMaster ? "locust-master" : "locust-worker";
}

// The text in --help.
std::string description_of(const OptionSpec& spec) {
  std::string text(spec.help);
  if (!spec.remark.empty()) text.append(text.ends_with('.') ? " " : ". ").append(spec.remark);
  if (!spec.env.empty()) text.append(" [env: ").append(spec.env).append("]");
  return text;
}

std::string group_of(const OptionSpec& spec) {
  for (const OptionGroup& group : option_groups()) {
    for (const OptionSpec& member : group.options) {
      if (&member == &spec) return std::string(group.title);
    }
  }
  return {};
}

// Shows options as stock does: "-u,--users <int>", without CLI11's notes on type and range.
class StockFormatter final : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_positional()) return "...";
    const OptionSpec* spec = find_option_spec(long_name(*option));
    const std::string metavar(spec ? spec->metavar : "<text>");
    return metavar.empty() ? std::string() : ' ' + metavar;
  }
};

}  // namespace

OptionTable::OptionTable(Program program, const std::string& description)
    : program_(program), app_(description, name_of(program)) {
  const OptionSpec& help = option_spec("--help");
  app_.set_help_flag(std::string(help.names), std::string(help.help))->group(group_of(help));
  const OptionSpec& version = option_spec("--version");
  app_.set_version_flag(std::string(version.names), app_.get_name() + " " + std::string(kVersion),
                        std::string(version.help))
      ->group(group_of(version));
  app_.formatter(std::make_shared<StockFormatter>());
  app_.get_formatter()->column_width(34);
  app_.footer(
      "Options of stock Locust that concern another program are accepted without effect, so that "
      "one command line fits all: docs/cli.md lists them.");
}

CLI::Option* OptionTable::bind(const OptionSpec& spec, CLI::Option* option) {
  option->description(description_of(spec))->group(group_of(spec));
  bindings_.push_back(
      {.option = option, .spec = &spec, .env = std::string(spec.env), .heeded = true});
  return option;
}

CLI::Option* OptionTable::add_argument(const std::string& names, const std::string& env,
                                       std::optional<std::string>& target,
                                       const std::string& help) {
  CLI::Option* option = app_.add_option(names, target, help + " [env: " + env + "]");
  bindings_.push_back({.option = option, .spec = nullptr, .env = env, .heeded = true});
  return option->group("Arguments of the scenario")->take_last();
}

void OptionTable::accept_the_others() {
  for (const OptionGroup& group : option_groups()) {
    for (const OptionSpec& spec : group.options) {
      if (app_.get_option_no_throw(std::string(spec.key())) == nullptr) accept(spec);
    }
  }
}

void OptionTable::accept(const OptionSpec& spec) {
  const std::string names(spec.names);
  CLI::Option* option = nullptr;
  if (spec.is_flag()) {
    option = app_.add_flag(names, ignored_flags_.emplace_back())->take_last();
  } else if (spec.is_list()) {
    option = app_.add_option(names, ignored_lists_.emplace_back())
                 ->expected(0, CLI::detail::expected_max_vector_size);
  } else {
    option = app_.add_option(names, ignored_values_.emplace_back())->take_last();
  }
  bind(spec, option);
  bindings_.back().heeded = false;
  if (spec.effect != OptionEffect::kNone && !concerns(program_, spec.effect)) option->group("");
}

// The option with this name, or the one whose name starts with it, as in argparse. Of several, it
// is the only one that stock or the scenario has, so that native options do not change stock's
// abbreviations. Null if there is none. The error lists the candidates.
Result<const CLI::Option*> OptionTable::find(std::string_view name) const {
  std::vector<const CLI::Option*> matches;
  std::string names;
  for (const CLI::Option* option : app_.get_options()) {
    const std::vector<std::string>& known = option->get_lnames();
    if (has_name(*option, name)) return option;
    const auto match = std::find_if(known.begin(), known.end(), [name](const std::string& each) {
      return each.starts_with(name);
    });
    if (match == known.end()) continue;
    matches.push_back(option);
    names += (names.empty() ? "--" : ", --") + *match;
  }
  if (matches.empty()) return nullptr;
  if (matches.size() > 1) {
    const auto only = std::find_if(matches.begin(), matches.end(), is_known_in_stock);
    if (std::count_if(matches.begin(), matches.end(), is_known_in_stock) == 1) return *only;
    return Error{"could match " + names};
  }
  return matches.front();
}

// "--user=5" as "--users=5".
Result<std::string> OptionTable::in_full(const std::string& argument) const {
  if (!argument.starts_with("--") || argument.size() == 2) return argument;
  const std::size_t end = std::min(argument.find('='), argument.size());
  const std::string given = argument.substr(2, end - 2);
  const auto option = find(given);
  if (!option) return Error{"ambiguous option: --" + given + ' ' + option.error()};
  if (*option == nullptr || has_name(**option, given)) return argument;
  return long_name(**option) + argument.substr(end);
}

Result<OptionTable::Arguments> OptionTable::in_full(int argc, const char* const* argv) const {
  Arguments arguments;
  bool only_positionals = false;
  for (int i = 1; i < argc; ++i) {
    only_positionals |= std::string_view(argv[i]) == "--";
    auto full = only_positionals ? Result<std::string>(argv[i]) : in_full(argv[i]);
    if (!full) return Error{full.error()};
    arguments.push_back(shielded(*std::move(full)));
  }
  return arguments;
}

void OptionTable::allow_unknown() {
  unknown_allowed_ = true;
  app_.allow_extras();
}

ParseOutcome OptionTable::parse(int argc, const char* const* argv, const Getenv& getenv) {
  accept_the_others();
  auto arguments = in_full(argc, argv);
  if (!arguments) return usage_error(arguments.error());
  if (const auto ended = run(*arguments, "")) return *ended;
  arguments_of_worker_ = said_to_worker();
  const auto said = settings(getenv);
  if (!said) return usage_error(said.error());
  if (const auto ended = add(*said, *arguments)) return *ended;
  if (const auto ended = run(*std::move(arguments), "")) return *ended;
  ParseOutcome outcome;
  outcome.notes = notes();
  return outcome;
}

// Returns nullopt if the program can continue.
std::optional<ParseOutcome> OptionTable::run(Arguments arguments, const std::string& origin) {
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes a vector from its back
  try {
    app_.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return ParseOutcome{false, 0, app_.help()};
  } catch (const CLI::CallForVersion& e) {
    return ParseOutcome{false, 0, std::string(e.what()) + "\n"};
  } catch (const CLI::ExtrasError&) {
    return usage_error(origin + unknown_arguments());
  } catch (const CLI::ParseError& e) {
    return usage_error(origin + e.what());
  }
  return check_refused();
}

// The worker's options among those just parsed.
OptionTable::Arguments OptionTable::said_to_worker() const {
  Arguments arguments;
  for (const Binding& binding : bindings_) {
    if (binding.spec && !concerns(Program::kWorker, binding.spec->effect)) continue;
    for (const std::string& value : binding.option->results()) {
      arguments.push_back(shielded(long_name(*binding.option) + '=' + value));
    }
  }
  return arguments;
}

// The settings in the environment and in files for options that the just parsed arguments do not
// have. The first setting of an option wins.
Result<std::vector<OptionTable::Setting>> OptionTable::settings(const Getenv& getenv) const {
  std::vector<Setting> settings;
  std::set<const CLI::Option*> said;
  for (const Binding& binding : bindings_) {
    if (!binding.option->empty()) said.insert(binding.option);
  }
  for (const Binding& binding : bindings_) {
    const char* value = binding.env.empty() ? nullptr : getenv(binding.env.c_str());
    if (value == nullptr || *value == '\0' || !said.insert(binding.option).second) continue;
    settings.push_back({.option = binding.option,
                        .values = {value},
                        .is_list = false,
                        .origin = "environment variable " + binding.env + ": "});
  }
  std::optional<std::string> named;
  if (const CLI::Option* config = app_.get_option_no_throw("--config"); !config->empty()) {
    named = config->results().back();
  }
  const char* home = getenv("HOME");
  auto configured =
      read_configuration(named, home ? std::optional<std::string>(home) : std::nullopt);
  if (!configured) return Error{configured.error()};
  for (ConfigSetting& setting : *configured) {
    const auto found = option_of(setting);
    if (!found) return Error{found.error()};
    const CLI::Option* const option = *found;
    if (option == nullptr) continue;
    if (!said.insert(option).second) continue;
    settings.push_back({option, std::move(setting.values), setting.is_list,
                        setting.place + ": '" + setting.key + "': "});
  }
  return settings;
}

// Keys of files are long names, which may be abbreviated as on the command line (configargparse).
// Returns null for a key of another table.
Result<const CLI::Option*> OptionTable::option_of(const ConfigSetting& setting) const {
  const auto found = find(setting.key);
  if (!found) {
    if (unknown_allowed_) return nullptr;
    return Error{setting.place + ": ambiguous option: '" + setting.key + "' " + found.error() +
                 short_name_hint(setting.key)};
  }
  const bool is_bound =
      std::any_of(bindings_.begin(), bindings_.end(),
                  [&found](const Binding& binding) { return binding.option == *found; });
  if (is_bound) return *found;
  if (unknown_allowed_) return nullptr;
  std::string hint = short_name_hint(setting.key);
  if (hint.empty()) {
    const std::string value = setting.values.empty() ? "" : setting.values.front();
    const std::string known = suggestion("--" + setting.key + '=' + value);
    if (known.starts_with("--")) hint = "; did you mean " + in_quotes(known.substr(2)) + "?";
  }
  return Error{setting.place + ": unknown option '" + setting.key + '\'' + hint};
}

// A hint for a file that has a short name as its key, such as "t".
std::string OptionTable::short_name_hint(const std::string& key) const {
  for (const Binding& binding : bindings_) {
    const std::vector<std::string>& letters = binding.option->get_snames();
    if (std::find(letters.begin(), letters.end(), key) == letters.end()) continue;
    return "; files use long names: write '" + binding.option->get_lnames().front() + '\'';
  }
  return {};
}

// Parses each setting alone first, so that an error names its place.
std::optional<ParseOutcome> OptionTable::add(const std::vector<Setting>& settings,
                                             Arguments& arguments) {
  Arguments added;
  for (const Setting& setting : settings) {
    const auto said = as_arguments(*setting.option, setting.values, setting.is_list);
    if (!said) return usage_error(setting.origin + said.error());
    if (const auto ended = run(*said, setting.origin)) return ended;
    added.insert(added.end(), said->begin(), said->end());
  }
  // After the other options, so that a list among them does not consume a user class.
  arguments.insert(std::find(arguments.begin(), arguments.end(), "--"), added.begin(), added.end());
  return std::nullopt;
}

std::optional<ParseOutcome> OptionTable::check_refused() const {
  for (const Binding& binding : bindings_) {
    if (binding.option->empty() || !binding.spec) continue;
    if (binding.spec->effect != OptionEffect::kRefused) continue;
    return usage_error("argument " + std::string(binding.spec->key()) + ": " +
                       std::string(binding.spec->remark));
  }
  return std::nullopt;
}

// The option most similar to an unknown argument; empty if there is none. Stock compares the
// argument including its value, which can hide a short name; then the name alone is compared.
std::string OptionTable::suggestion(std::string_view argument) const {
  Arguments names;
  for (const CLI::Option* option : app_.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& letter : option->get_snames()) names.push_back('-' + letter);
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view nearest = nearest_name(argument, known);
  if (!nearest.empty()) return std::string(nearest);
  return std::string(nearest_name(argument.substr(0, argument.find('=')), known));
}

std::string OptionTable::unknown_arguments() const {
  std::string text = "unrecognized arguments:";
  for (const std::string& argument : app_.remaining()) text += ' ' + argument;
  const std::string known = suggestion(app_.remaining().front());
  if (!known.empty()) text += "\nDid you mean " + in_quotes(known) + "?";
  return text;
}

std::vector<std::string> OptionTable::notes() const {
  std::vector<std::string> notes;
  for (const Binding& binding : bindings_) {
    if (binding.option->empty() || binding.heeded || binding.spec->remark.empty()) continue;
    if (binding.spec->effect != OptionEffect::kNone && !concerns(program_, binding.spec->effect))
      continue;
    notes.push_back(std::string(binding.spec->key()) +
                    " has no effect: " + std::string(binding.spec->remark));
  }
  return notes;
}

ParseOutcome OptionTable::usage_error(const std::string& text) const {
  return {false, 2,
          app_.get_name() + ": error: " + text + " (see " + app_.get_name() + " --help)\n"};
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

CLI::Validator number_validator(double min, double max) {
  return {[min, max](const std::string& text) -> std::string {
            double number = 0;
            const char* const end = text.data() + text.size();
            const auto [rest, ec] = std::from_chars(text.data(), end, number);
            // NaN compares false with every number.
            if (ec == std::errc{} && rest == end && number >= min && number <= max) return {};
            return '\'' + text + "' is not a number from " + Number(min).repr() + " to " +
                   Number(max).repr();
          },
          ""};
}

}  // namespace locust
