#include "common/options/option_table.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <string_view>
#include <utility>

#include "common/base/nearest_name.h"
#include "common/base/version.h"
#include "common/options/config_file.h"
#include "common/options/option_lookup.h"
#include "common/options/option_values.h"

namespace locust {
namespace {

using Arguments = std::vector<std::string>;
using Getenv = std::function<const char*(const char*)>;

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
  void accept_from_locustfile(LocustfileOptions options) { locustfile_ = std::move(options); }
  const std::vector<GivenOption>& given() const { return given_; }
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
  Result<std::vector<Setting>> defaults_of_locustfile() const;
  bool takes_default(const CLI::Option* option) const;
  std::vector<GivenOption> given_now() const;
  Result<const CLI::Option*> option_of(const ConfigSetting& setting) const;
  std::string short_name_hint(const std::string& key) const;
  std::optional<ParseOutcome> add(const std::vector<Setting>& settings, Arguments& arguments);
  std::optional<ParseOutcome> check_refused() const;
  std::vector<std::string> notes() const;

  const Program program_;
  CLI::App app_;
  std::vector<Binding> bindings_;
  LocustfileOptions locustfile_;
  std::vector<GivenOption> given_;
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
  if (const auto ended = run(*arguments, "")) return *ended;
  given_ = given_now();
  const auto defaults = defaults_of_locustfile();
  if (!defaults) return usage_error(defaults.error());
  if (!defaults->empty()) {
    if (const auto ended = add(*defaults, *arguments)) return *ended;
    if (const auto ended = run(*std::move(arguments), "")) return *ended;
  }
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
  const Arguments& others = locustfile_.arguments;
  for (ConfigSetting& setting : *configured) {
    if (std::find(others.begin(), others.end(), setting.key) != others.end()) continue;
    const auto found = option_of(setting);
    if (!found) return Error{found.error()};
    if (*found == nullptr || !said.insert(*found).second) continue;
    settings.push_back({*found, std::move(setting.values), setting.is_list,
                        setting.place + ": '" + setting.key + "': "});
  }
  return settings;
}

// For options that the just parsed arguments do not have.
Result<std::vector<OptionTable::Parser::Setting>> OptionTable::Parser::defaults_of_locustfile()
    const {
  std::vector<Setting> settings;
  for (const ConfigSetting& setting : locustfile_.defaults) {
    const auto found = option_of(setting);
    if (!found) return Error{found.error()};
    if (*found == nullptr || !(*found)->empty() || !takes_default(*found)) continue;
    settings.push_back({*found, setting.values, setting.is_list, setting.place + ": "});
  }
  return settings;
}

// The others have had their effect before the locustfile was read.
bool OptionTable::Parser::takes_default(const CLI::Option* option) const {
  constexpr std::array kRead = {"--locustfile", "--config", "--master", "--worker"};
  const std::string name = long_name(*option);
  const bool starts_workers = name == "--processes" && program_ == Program::kMaster;
  return !starts_workers && std::find(kRead.begin(), kRead.end(), name) == kRead.end();
}

std::vector<GivenOption> OptionTable::Parser::given_now() const {
  std::vector<GivenOption> given;
  for (const Binding& binding : bindings_) {
    if (binding.option->empty() || binding.spec == nullptr || !is_in_stock(*binding.spec)) continue;
    given.push_back({attribute_of(*binding.spec), binding.option->results()});
  }
  return given;
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
  for (const ConfigSetting& setting : locustfile_.defaults) {
    const auto found = option_of(setting);
    if (!found || *found == nullptr || takes_default(*found)) continue;
    notes.push_back(setting.place + " has no effect: give --" + setting.key +
                    " on the command line, which is read before the locustfile");
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

void OptionTable::accept_from_locustfile(LocustfileOptions locustfile) {
  parser_->accept_from_locustfile(std::move(locustfile));
}

const std::vector<GivenOption>& OptionTable::given() const { return parser_->given(); }

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
