// OptionTable: command lines as stock Locust reads them (argument_parser.py, configargparse): argument
// over environment variable over configuration file over default; long options may be abbreviated;
// bad usage exits with 2. Only for sources that define options, because CLI11 takes seven seconds to
// compile.
#pragma once

#include <CLI/CLI.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/options/option_specs.h"
#include "common/options/options.h"

namespace locust {

struct ConfigSetting;

enum class Program { kMaster, kWorker };

// The options of one program: all of option_groups(), of which the program binds those that it uses
// by their keys ("--users"). CLI11 parses argv; environment and files are read here, because
// CLI11's precedence between sources differs from stock's.
class OptionTable {
 public:
  OptionTable(Program program, const std::string& description);

  // The target keeps its value as the default.
  template <typename T>
  CLI::Option* add(const std::string& key, T& target) {
    const OptionSpec& spec = option_spec(key);
    return bind(spec, app_.add_option(std::string(spec.names), target))->take_last();
  }
  CLI::Option* add_flag(const std::string& key, bool& target) {
    const OptionSpec& spec = option_spec(key);
    return bind(spec, app_.add_flag(std::string(spec.names), target))->take_last();
  }
  // An option that takes several values and may be repeated.
  CLI::Option* add_list(const std::string& key, std::vector<std::string>& target) {
    const OptionSpec& spec = option_spec(key);
    return bind(spec, app_.add_option(std::string(spec.names), target));
  }
  // An option that is not in the table, because the scenario defines it.
  CLI::Option* add_argument(const std::string& names, const std::string& env,
                            std::optional<std::string>& target, const std::string& help);
  template <typename T>
  CLI::Option* add_positional(const std::string& name, T& target, const std::string& help) {
    return app_.add_option(name, target, help);
  }

  // Unknown options are not errors, because another table will parse them.
  void allow_unknown();

  // Parses argv, then reads missing options from the environment through `getenv` (std::getenv in
  // production), and then from the configuration files (config_file.h).
  ParseOutcome parse(int argc, const char* const* argv,
                     const std::function<const char*(const char*)>& getenv);
  // After parse(): the options in argv that concern a worker, with full names, for its command
  // line. A worker reads environment and files itself.
  const std::vector<std::string>& arguments_of_worker() const { return arguments_of_worker_; }
  // The outcome for options that are valid individually but contradict each other.
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
  using Arguments = std::vector<std::string>;
  using Getenv = std::function<const char*(const char*)>;

  CLI::Option* bind(const OptionSpec& spec, CLI::Option* option);
  void accept_the_others();
  void accept(const OptionSpec& spec);
  Arguments said_to_worker() const;
  Result<const CLI::Option*> find(std::string_view name) const;
  Result<std::string> in_full(const std::string& argument) const;
  Result<Arguments> in_full(int argc, const char* const* argv) const;
  std::optional<ParseOutcome> run(Arguments arguments, const std::string& origin);
  Result<std::vector<Setting>> settings(const Getenv& getenv) const;
  Result<const CLI::Option*> option_of(const ConfigSetting& setting) const;
  std::string short_name_hint(const std::string& key) const;
  std::optional<ParseOutcome> add(const std::vector<Setting>& settings, Arguments& arguments);
  std::optional<ParseOutcome> check_refused() const;
  std::string unknown_arguments() const;
  std::string suggestion(std::string_view argument) const;
  std::vector<std::string> notes() const;

  const Program program_;
  CLI::App app_;
  std::vector<Binding> bindings_;
  bool unknown_allowed_ = false;
  Arguments arguments_of_worker_;
  // Options that are accepted without effect.
  std::deque<std::string> ignored_values_;
  std::deque<Arguments> ignored_lists_;
  std::deque<bool> ignored_flags_;
};

// A CLI11 validator that converts "1h30m" to seconds and rejects anything that is not a time span.
CLI::Validator time_span_validator();

// A CLI11 validator for numbers within these bounds; unlike CLI::Range it rejects "nan".
CLI::Validator number_validator(double min, double max);

}  // namespace locust
