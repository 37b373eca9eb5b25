// What manual pages and shell completions tell of a program, out of the table of options.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/options/option_specs.h"

namespace locust::manual {

struct ProgramManual {
  std::string_view name;         // "locust-master"
  std::string_view summary;      // what it does, as the first line of a manual page has it
  std::string_view description;  // paragraphs, with empty lines between
  bool leads;                    // heeds the options for a master
  bool works;                    // heeds those for a worker
};

// One for each program.
std::span<const ProgramManual> program_manuals();

// The options of the group that the program uses, and those without effect in any: what --help
// shows.
std::vector<const OptionSpec*> shown_options(const OptionGroup& group,
                                             const ProgramManual& program);
// Those of all groups.
std::vector<const OptionSpec*> shown_options(const ProgramManual& program);

// The kind of value that a shell completes for an option.
enum class Value { kNone, kText, kChoice, kFile, kFolder };
Value value_of(const OptionSpec& spec);

// "filename" of "<filename>", "tag" of "<tag>...".
std::string_view bare_metavar(const OptionSpec& spec);

// The first sentence of its help, without what stands in brackets at its end.
std::string short_help(const OptionSpec& spec);

// For man(1), in the language of man(7).
std::string man_page(const ProgramManual& program);

// Scripts for the folders of completions that these shells have.
std::string bash_completion(const ProgramManual& program);
std::string zsh_completion(const ProgramManual& program);
std::string fish_completion(const ProgramManual& program);

}  // namespace locust::manual
