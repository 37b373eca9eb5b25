// OptionTable: command lines as stock Locust reads them (argument_parser.py, configargparse): argument
// over environment variable over configuration file over default (first the locustfile's); long
// options may be abbreviated; bad usage exits with 2.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/options/option_specs.h"
#include "common/options/options.h"

// CLI11 takes seven seconds to compile, so no header includes it.
namespace CLI {
class Option;
}

namespace locust {

// An option that OptionTable::add() has bound. The functions add rules for its values; a value that
// violates one is a usage error. Valid as long as the table.
class BoundOption {
 public:
  // Limits of ranges are inclusive.
  BoundOption integer_range(std::int64_t min, std::int64_t max);
  BoundOption number_range(double min, double max);
  // "1h30m". The target receives seconds.
  BoundOption time_span();
  // "1 KB", which is 1024 bytes. The target receives bytes.
  BoundOption size_range(std::uint64_t min, std::uint64_t max);
  BoundOption one_of(const std::vector<std::string>& choices);
  // The target receives the spelling in `choices`.
  BoundOption one_of_ignoring_case(const std::vector<std::string>& choices);
  // `problem` returns an empty text for a valid value.
  BoundOption check(const std::function<std::string(const std::string&)>& problem);

  // For options of add_list(), which otherwise take one value or more in each occurrence.
  BoundOption exactly(int values);
  BoundOption any_number();  // without a value, the target receives an empty text
  // Each occurrence takes one value as it is, so it may have brackets, and user classes may follow.
  BoundOption one_value_each_time();

  // The name of the value in the error if it is missing: "<port>".
  BoundOption type_name(const std::string& name);

  // After parsing: whether it was given, in whatever source.
  bool given() const;

 private:
  friend class OptionTable;
  BoundOption(CLI::Option* option) : option_(option) {}

  CLI::Option* option_;
};

// The options of one program: all of option_groups(), of which the program binds those that it uses
// by their keys ("--users").
class OptionTable {
 public:
  OptionTable(Program program, const std::string& description);
  ~OptionTable();

  // T is std::string, int, std::int64_t, std::uint64_t, or std::optional of std::string, int,
  // std::int64_t or double. The target keeps its value as the default. The last occurrence wins.
  template <typename T>
  BoundOption add(const std::string& key, T& target);
  BoundOption add_flag(const std::string& key, bool& target);
  // An option that takes several values and may be repeated.
  BoundOption add_list(const std::string& key, std::vector<std::string>& target);
  // An option whose values are names of enumerators.
  template <typename Enum>
  BoundOption add_choice(const std::string& key, Enum& target,
                         const std::map<std::string, Enum>& names) {
    std::vector<std::string> choices;
    for (const auto& [name, value] : names) choices.push_back(name);
    return add_name(key, choices,
                    [&target, names](const std::string& name) { target = names.at(name); });
  }
  // An option that is not in the table, because the scenario defines it.
  BoundOption add_argument(const std::string& names, const std::string& env,
                           std::optional<std::string>& target, const std::string& help);
  // The arguments without a name.
  void add_positional(const std::string& name, std::vector<std::string>& target,
                      const std::string& help);

  // Keys of configuration files that are arguments of the locustfile are left to it. Its defaults
  // apply to options that are given nowhere.
  void accept_from_locustfile(LocustfileOptions locustfile);
  // Unknown options are not errors, because another table will parse them.
  void allow_unknown();

  // Parses argv, then reads missing options from the environment through `getenv` (std::getenv in
  // production), and then from the configuration files (config_file.h).
  ParseOutcome parse(int argc, const char* const* argv,
                     const std::function<const char*(const char*)>& getenv);
  // After parse(): stock's options that were given on the command line, in the environment or in
  // files.
  const std::vector<GivenOption>& given() const;
  // After parse(): the options in argv that concern a worker, with full names, for its command
  // line. A worker reads environment and files itself.
  const std::vector<std::string>& arguments_of_worker() const;
  // The outcome for options that are valid individually but contradict each other.
  ParseOutcome usage_error(const std::string& text) const;

 private:
  class Parser;

  BoundOption add_name(const std::string& key, const std::vector<std::string>& choices,
                       const std::function<void(const std::string&)>& assign);

  const std::unique_ptr<Parser> parser_;
};

}  // namespace locust
