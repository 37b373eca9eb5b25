// Every option of the programs, as data: --help, docs/cli.md, environment variables, configuration
// files, and the program that uses it. Like stock's single program, each program accepts all
// options, so that one command line fits master and worker.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace locust {

enum class Program { kMaster, kWorker };

// "locust-master".
const char* name_of(Program program);

enum class OptionEffect {
  kMaster,
  kWorker,
  kBoth,
  kNone,     // accepted; `remark` says why it has no effect here
  kRefused,  // as in stock; `remark` is stock's message
};

struct OptionSpec {
  std::string_view
      names;  // "-u,--users"; exactly one of them is the key that programs bind, the first long one
  std::string_view env;      // may be empty
  std::string_view metavar;  // "<int>"; "" for a flag; "<tag>..." takes several values
  OptionEffect effect;
  std::string_view help;
  std::string_view remark = {};   // where it differs from stock
  std::string_view choices = {};  // all accepted values, separated by blanks; empty: any

  std::string_view key() const;  // "--users"
  bool is_flag() const { return metavar.empty(); }
  bool is_list() const { return metavar.ends_with("..."); }
};

struct OptionGroup {
  std::string_view title;
  bool in_stock;  // every option of it
  std::span<const OptionSpec> options;
};

// In the order of --help.
std::span<const OptionGroup> option_groups();

// Null if there is no option with this key.
const OptionSpec* find_option_spec(std::string_view key);

// The same, but throws std::logic_error: a program can bind only what is in the table.
const OptionSpec& option_spec(std::string_view key);

// Whether stock has this option too.
bool is_in_stock(const OptionSpec& spec);

// The attribute of stock's parsed_options that has the option's value: "num_users"
// (argument_parser.py).
std::string attribute_of(const OptionSpec& spec);

// Whether stock's parsed_options have an attribute with this name for one of stock's options:
// "stop_timeout".
bool is_attribute_of_stock(std::string_view name);

// "--users" and "-u", in the order of the table.
std::vector<std::string_view> option_names(const OptionSpec& spec);

// Whether the program uses options with this effect.
bool concerns(Program program, OptionEffect effect);

// The description in --help.
std::string help_text(const OptionSpec& spec);

// The title of the group that has this row of the table.
std::string group_title(const OptionSpec& spec);

// What `choices` lists.
std::vector<std::string> option_choices(const OptionSpec& spec);

// The table in docs/cli.md.
std::string options_as_markdown();

}  // namespace locust
