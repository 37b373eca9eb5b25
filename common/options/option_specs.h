// Every option of our programs, as data: what --help and docs/cli.md say, what is read from the environment and from
// configuration files, and which program an option is for. A program accepts all of them, as stock's one program does,
// so that one command line fits master and worker.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace locust {

enum class OptionEffect {
  kMaster,
  kWorker,
  kBoth,
  kNone,     // accepted; `remark` says why it has no meaning here
  kRefused,  // as by stock, which says what became of it in `remark`
};

struct OptionSpec {
  std::string_view
      names;  // "-u,--users"; exactly one of them is the key that programs bind, the first long one
  std::string_view env;      // may be empty
  std::string_view metavar;  // "<int>"; "" for a flag; "<tag>..." takes several values
  OptionEffect effect;
  std::string_view help;
  std::string_view remark = {};  // where it differs from stock
  std::string_view choices =
      {};  // all values that it takes, with blanks between; empty: others too

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

// Null if there is none of that key.
const OptionSpec* find_option_spec(std::string_view key);

// Throws std::logic_error instead: a program can bind only what is in the table.
const OptionSpec& option_spec(std::string_view key);

// Whether stock has it too.
bool is_in_stock(const OptionSpec& spec);

// Whether stock's parsed_options have an attribute of this name for one of its options: "stop_timeout"
// (argument_parser.py).
bool is_attribute_of_stock(std::string_view name);

// "--users" and "-u", in the order of the table.
std::vector<std::string_view> option_names(const OptionSpec& spec);

// What `choices` lists.
std::vector<std::string> option_choices(const OptionSpec& spec);

// The table as docs/cli.md shows it.
std::string options_as_markdown();

}  // namespace locust
