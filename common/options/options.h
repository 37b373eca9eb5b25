// Options that the programs share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/options/config_file.h"
#include "common/stats/mask_stats.h"

namespace locust {

class OptionTable;  // common/options/option_table.h

// Whether main() proceeds after parsing, or prints `text` and exits.
struct ParseOutcome {
  bool proceed = true;
  int exit_code = 0;
  std::string text;  // help and version go to stdout (exit_code 0), errors to stderr
  // Log lines about given options that have no effect here.
  std::vector<std::string> notes = {};
};

// What to mask (common/base/mask.h), and how much of failed exchanges to show.
struct MaskOptions {
  EvidenceLevel evidence = EvidenceLevel::kFull;
  std::vector<std::string> patterns;
  std::vector<std::string> secret_env;
};
// Configures the process's masker and its evidence level. Returns notes for the log. The error
// describes an invalid regular expression.
Result<std::vector<std::string>> apply_mask_options(const MaskOptions& options);

// --mask and --secret-env; --evidence is among the common options.
void add_mask_options(OptionTable& table, MaskOptions& options);

// What a Python locustfile adds to the options of its process (events.init_command_line_parser).
struct LocustfileOptions {
  std::vector<std::string> arguments;   // its own; in configuration files they are its business
  std::vector<ConfigSetting> defaults;  // of other options, by parser.set_defaults()
};

// A value as the operator has given it, wherever.
struct GivenOption {
  std::string attribute;  // of stock's parsed_options: "num_users"
  std::vector<std::string> values;
};

// Options that master and worker share, with stock's names and environment variables.
struct CommonOptions {
  std::optional<std::string> locustfile;
  std::string python_home;
  std::optional<std::string> host;
  std::string loglevel = "INFO";
  std::optional<std::string> logfile;
  bool skip_log_setup = false;
  MaskOptions mask;
  std::vector<GivenOption> given;  // all of stock's options that were given, for test code
};
void add_common_options(OptionTable& table, CommonOptions& options);

struct TagOptions {
  std::vector<std::string> tags;
  std::vector<std::string> exclude_tags;
};
void add_tag_options(OptionTable& table, TagOptions& options);
// Call it after parsing: -T and -E without a tag mean no filter.
void drop_empty_tags(TagOptions& options);

}  // namespace locust
