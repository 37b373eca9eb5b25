#include "common/options/option_table.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <set>
#include <string_view>

#include "common/base/nearest_name.h"
#include "common/base/version.h"
#include "common/options/config_file.h"
#include "common/options/option_values.h"

namespace locust {
namespace {

using Arguments = std::vector<std::string>;
using Getenv = std::function<const char*(const char*)>;

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

// The option with this name, or the one whose name starts with it, as in argparse. Of several, it
// is the only one that stock or the scenario has, so that native options do not change stock's
// abbreviations. Null if there is none. The error lists the candidates.
Result<const CLI::Option*> find_option(const CLI::App& app, std::string_view name) {
  std::vector<const CLI::Option*> matches;
  std::string names;
  for (const CLI::Option* option : app.get_options()) {
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
Result<std::string> in_full(const CLI::App& app, const std::string& argument) {
  if (!argument.starts_with("--") || argument.size() == 2) return argument;
  const std::size_t end = std::min(argument.find('='), argument.size());
  const std::string given = argument.substr(2, end - 2);
  const auto option = find_option(app, given);
  if (!option) return Error{"ambiguous option: --" + given + ' ' + option.error()};
  if (*option == nullptr || has_name(**option, given)) return argument;
  return long_name(**option) + argument.substr(end);
}

Result<Arguments> in_full(const CLI::App& app, int argc, const char* const* argv) {
  Arguments arguments;
  bool only_positionals = false;
  for (int i = 1; i < argc; ++i) {
    only_positionals |= std::string_view(argv[i]) == "--";
    auto full = only_positionals ? Result<std::string>(argv[i]) : in_full(app, argv[i]);
    if (!full) return Error{full.error()};
    arguments.push_back(shielded(*std::move(full)));
  }
  return arguments;
}

// The option most similar to an unknown argument; empty if there is none. Stock compares the
// argument including its value, which can hide a short name; then the name alone is compared.
std::string suggestion(const CLI::App& app, std::string_view argument) {
  Arguments names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& letter : option->get_snames()) names.push_back('-' + letter);
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view nearest = nearest_name(argument, known);
  if (!nearest.empty()) return std::string(nearest);
  return std::string(nearest_name(argument.substr(0, argument.find('=')), known));
}

std::string unknown_arguments(const CLI::App& app) {
  std::string text = "unrecognized arguments:";
  for (const std::string& argument : app.remaining()) text += ' ' + argument;
  const std::string known = suggestion(app, app.remaining().front());
  if (!known.empty()) text += "\nDid you mean " + in_quotes(known) + "?";
  return text;
}

}  // namespace

// Parses argv with CLI11. The environment and files are read here, because CLI11's precedence between
// sources differs from stock's.
class OptionTable::Parser {
 public:
  Parser(Program program, const std::string& description);

  CLI::App& app() { return app_; }
  CLI::Option* bind(const OptionSpec& spec, CLI::Option* option);
  CLI::Option* add_argument(const std::string& names, const std::string& env,
                            std::optional<std::string>& target, const std::string& help);

  ParseOutcome parse(int argc, const char* const* argv, const Getenv& getenv);
  const Arguments& arguments_of_worker() const { return arguments_of_worker_; }
  ParseOutcome usage_error(const std::string& text) const;

 private:
  struct Binding {
    CLI::Option* option;
    const OptionSpec* spec;  // null for the scenario's
    std::string env;
    bool heeded;  // bound by the program
  };
  // The value of an option from the environment or a file.
  struct Setting {
    const CLI::Option* option;
    std::vector<std::string> values;
    bool is_list;
    std::string origin;  // for errors
  };

  void accept_the_others();
  void accept(const OptionSpec& spec);
  Arguments said_to_worker() const;
  std::optional<ParseOutcome> run(Arguments arguments, const std::string& origin);
  Result<std::vector<Setting>> settings(const Getenv& getenv) const;
  Result<const CLI::Option*> option_of(const ConfigSetting& setting) const;
  std::string short_name_hint(const std::string& key) const;
  std::optional<ParseOutcome> add(const std::vector<Setting>& settings, Arguments& arguments);
  std::optional<ParseOutcome> check_refused() const;
  std::vector<std::string> notes() const;

  const Program program_;
  CLI::App app_;
  std::vector<Binding> bindings_;
  Arguments arguments_of_worker_;
  // Options that are accepted without effect.
  std::deque<std::string> ignored_values_;
  std::deque<Arguments> ignored_lists_;
  std::deque<bool> ignored_flags_;
};

OptionTable::Parser::Parser(Program program, const std::string& description)
    : program_(program), app_(description, name_of(program)) {
  const OptionSpec& help = option_spec("--help");
  app_.set_help_flag(std::string(help.names), std::string(help.help))->group(group_title(help));
  const OptionSpec& version = option_spec("--version");
  app_.set_version_flag(std::string(version.names), app_.get_name() + " " + std::string(kVersion),
                        std::string(version.help))
      ->group(group_title(version));
  app_.formatter(std::make_shared<StockFormatter>());
  app_.get_formatter()->column_width(34);
  app_.footer(
      "Options of stock Locust that concern another program are accepted without effect, so that "
      "one command line fits all: docs/cli.md lists them.");
}

CLI::Option* OptionTable::Parser::bind(const OptionSpec& spec, CLI::Option* option) {
  option->description(help_text(spec))->group(group_title(spec));
  bindings_.push_back(
      {.option = option, .spec = &spec, .env = std::string(spec.env), .heeded = true});
  return option;
}

CLI::Option* OptionTable::Parser::add_argument(const std::string& names, const std::string& env,
                                               std::optional<std::string>& target,
                                               const std::string& help) {
  CLI::Option* option = app_.add_option(names, target, help + " [env: " + env + "]");
  bindings_.push_back({.option = option, .spec = nullptr, .env = env, .heeded = true});
  return option->group("Arguments of the scenario")->take_last();
}

void OptionTable::Parser::accept_the_others() {
  for (const OptionGroup& group : option_groups()) {
    for (const OptionSpec& spec : group.options) {
      if (app_.get_option_no_throw(std::string(spec.key())) == nullptr) accept(spec);
    }
  }
}

void OptionTable::Parser::accept(const OptionSpec& spec) {
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

ParseOutcome OptionTable::Parser::parse(int argc, const char* const* argv, const Getenv& getenv) {
  accept_the_others();
  auto arguments = in_full(app_, argc, argv);
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
std::optional<ParseOutcome> OptionTable::Parser::run(Arguments arguments,
                                                     const std::string& origin) {
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes a vector from its back
  try {
    app_.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return ParseOutcome{false, 0, app_.help()};
  } catch (const CLI::CallForVersion& e) {
    return ParseOutcome{false, 0, std::string(e.what()) + "\n"};
  } catch (const CLI::ExtrasError&) {
    return usage_error(origin + unknown_arguments(app_));
  } catch (const CLI::ParseError& e) {
    return usage_error(origin + e.what());
  }
  return check_refused();
}

// The worker's options among those just parsed.
Arguments OptionTable::Parser::said_to_worker() const {
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
Result<std::vector<OptionTable::Parser::Setting>> OptionTable::Parser::settings(
    const Getenv& getenv) const {
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
    if (*found == nullptr || !said.insert(*found).second) continue;
    settings.push_back({*found, std::move(setting.values), setting.is_list,
                        setting.place + ": '" + setting.key + "': "});
  }
  return settings;
}

// Keys of files are long names, which may be abbreviated as on the command line (configargparse).
// Returns null for a key of another table.
Result<const CLI::Option*> OptionTable::Parser::option_of(const ConfigSetting& setting) const {
  const auto found = find_option(app_, setting.key);
  if (!found) {
    if (app_.get_allow_extras()) return nullptr;
    return Error{setting.place + ": ambiguous option: '" + setting.key + "' " + found.error() +
                 short_name_hint(setting.key)};
  }
  const bool is_bound =
      std::any_of(bindings_.begin(), bindings_.end(),
                  [&found](const Binding& binding) { return binding.option == *found; });
  if (is_bound) return *found;
  if (app_.get_allow_extras()) return nullptr;
  std::string hint = short_name_hint(setting.key);
  if (hint.empty()) {
    const std::string value = setting.values.empty() ? "" : setting.values.front();
    const std::string known = suggestion(app_, "--" + setting.key + '=' + value);
    if (known.starts_with("--")) hint = "; did you mean " + in_quotes(known.substr(2)) + "?";
  }
  return Error{setting.place + ": unknown option '" + setting.key + '\'' + hint};
}

// A hint for a file that has a short name as its key, such as "t".
std::string OptionTable::Parser::short_name_hint(const std::string& key) const {
  for (const Binding& binding : bindings_) {
    const std::vector<std::string>& letters = binding.option->get_snames();
    if (std::find(letters.begin(), letters.end(), key) == letters.end()) continue;
    return "; files use long names: write '" + binding.option->get_lnames().front() + '\'';
  }
  return {};
}

// Parses each setting alone first, so that an error names its place.
std::optional<ParseOutcome> OptionTable::Parser::add(const std::vector<Setting>& settings,
                                                     Arguments& arguments) {
  Arguments added;
  for (const Setting& setting : settings) {
    const auto said = as_arguments(long_name(*setting.option), setting.option->get_expected_max(),
                                   setting.values, setting.is_list);
    if (!said) return usage_error(setting.origin + said.error());
    if (const auto ended = run(*said, setting.origin)) return ended;
    added.insert(added.end(), said->begin(), said->end());
  }
  // After the other options, so that a list among them does not consume a user class.
  arguments.insert(std::find(arguments.begin(), arguments.end(), "--"), added.begin(), added.end());
  return std::nullopt;
}

std::optional<ParseOutcome> OptionTable::Parser::check_refused() const {
  for (const Binding& binding : bindings_) {
    if (binding.option->empty() || !binding.spec) continue;
    if (binding.spec->effect != OptionEffect::kRefused) continue;
    return usage_error("argument " + std::string(binding.spec->key()) + ": " +
                       std::string(binding.spec->remark));
  }
  return std::nullopt;
}

std::vector<std::string> OptionTable::Parser::notes() const {
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

ParseOutcome OptionTable::Parser::usage_error(const std::string& text) const {
  return {false, 2,
          app_.get_name() + ": error: " + text + " (see " + app_.get_name() + " --help)\n"};
}

OptionTable::OptionTable(Program program, const std::string& description)
    : parser_(std::make_unique<Parser>(program, description)) {}

OptionTable::~OptionTable() = default;

template <typename T>
BoundOption OptionTable::add(const std::string& key, T& target) {
  const OptionSpec& spec = option_spec(key);
  CLI::Option* option = parser_->app().add_option(std::string(spec.names), target);
  return parser_->bind(spec, option)->take_last();
}

template BoundOption OptionTable::add(const std::string&, std::string&);
template BoundOption OptionTable::add(const std::string&, int&);
template BoundOption OptionTable::add(const std::string&, std::int64_t&);
template BoundOption OptionTable::add(const std::string&, std::uint64_t&);
template BoundOption OptionTable::add(const std::string&, std::optional<std::string>&);
template BoundOption OptionTable::add(const std::string&, std::optional<int>&);
template BoundOption OptionTable::add(const std::string&, std::optional<std::int64_t>&);
template BoundOption OptionTable::add(const std::string&, std::optional<double>&);

BoundOption OptionTable::add_flag(const std::string& key, bool& target) {
  const OptionSpec& spec = option_spec(key);
  CLI::Option* option = parser_->app().add_flag(std::string(spec.names), target);
  return parser_->bind(spec, option)->take_last();
}

BoundOption OptionTable::add_list(const std::string& key, std::vector<std::string>& target) {
  const OptionSpec& spec = option_spec(key);
  return parser_->bind(spec, parser_->app().add_option(std::string(spec.names), target));
}

BoundOption OptionTable::add_name(const std::string& key, const std::vector<std::string>& choices,
                                  const std::function<void(const std::string&)>& assign) {
  const OptionSpec& spec = option_spec(key);
  CLI::Option* option = parser_->app().add_option_function(std::string(spec.names), assign);
  return BoundOption(parser_->bind(spec, option)->take_last()).one_of(choices);
}

BoundOption OptionTable::add_argument(const std::string& names, const std::string& env,
                                      std::optional<std::string>& target, const std::string& help) {
  return parser_->add_argument(names, env, target, help);
}

void OptionTable::add_positional(const std::string& name, std::vector<std::string>& target,
                                 const std::string& help) {
  parser_->app().add_option(name, target, help);
}

void OptionTable::allow_unknown() { parser_->app().allow_extras(); }

ParseOutcome OptionTable::parse(int argc, const char* const* argv, const Getenv& getenv) {
  return parser_->parse(argc, argv, getenv);
}

const std::vector<std::string>& OptionTable::arguments_of_worker() const {
  return parser_->arguments_of_worker();
}

ParseOutcome OptionTable::usage_error(const std::string& text) const {
  return parser_->usage_error(text);
}

BoundOption BoundOption::integer_range(std::int64_t min, std::int64_t max) {
  return option_->check(CLI::Range(min, max));
}

BoundOption BoundOption::number_range(double min, double max) {
  return check([min, max](const std::string& text) { return number_error(text, min, max); });
}

BoundOption BoundOption::time_span() {
  return option_->transform(CLI::Validator(replace_with_seconds, ""));
}

BoundOption BoundOption::size_range(std::uint64_t min, std::uint64_t max) {
  constexpr bool kKilobytesAreThousand = false;
  return option_->check(CLI::Range(min, max))->transform(CLI::AsSizeValue(kKilobytesAreThousand));
}

BoundOption BoundOption::one_of(const std::vector<std::string>& choices) {
  return option_->check(CLI::IsMember(choices));
}

BoundOption BoundOption::one_of_ignoring_case(const std::vector<std::string>& choices) {
  return option_->transform(CLI::IsMember(choices, CLI::ignore_case));
}

BoundOption BoundOption::check(const std::function<std::string(const std::string&)>& problem) {
  return option_->check(problem);
}

BoundOption BoundOption::exactly(int values) { return option_->expected(values); }

BoundOption BoundOption::any_number() {
  return option_->expected(0, CLI::detail::expected_max_vector_size);
}

BoundOption BoundOption::one_value_each_time() {
  return option_->expected(1)->allow_extra_args(false)->take_all();
}

BoundOption BoundOption::type_name(const std::string& name) { return option_->type_name(name); }

bool BoundOption::given() const { return !option_->empty(); }

}  // namespace locust
