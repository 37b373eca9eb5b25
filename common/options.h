// Command lines as stock Locust reads them: argument over environment variable over default; bad
// usage exits with 2.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"

namespace locust {

// What main() has to do after parsing: go on, or print `text` and exit.
struct ParseOutcome {
  bool proceed = true;
  int exit_code = 0;
  std::string
      text;  // help and version go to standard output (exit_code 0), errors to standard error
};

// One program's options. CLI11 parses argv; the environment is read here, because CLI11's own
// precedence between sources differs from stock's (argument_parser.py, configargparse).
class OptionTable {
 public:
  OptionTable(std::string program, const std::string& description);

  // `names` as CLI11 takes them ("-u,--users"). `env` may be empty. The target keeps its value as
  // the default.
  template <typename T>
  CLI::Option* add(const std::string& names, const std::string& env, T& target,
                   const std::string& help) {
    return bind(app_.add_option(names, target, help), env);
  }
  CLI::Option* add_flag(const std::string& names, const std::string& env, bool& target,
                        const std::string& help) {
    return bind(app_.add_flag(names, target, help), env);
  }
  // An option that takes several values and may be repeated.
  CLI::Option* add_list(const std::string& names, const std::string& env,
                        std::vector<std::string>& target, const std::string& help) {
    return bind_environment(app_.add_option(names, target, help), env);
  }
  template <typename T>
  CLI::Option* add_positional(const std::string& name, T& target, const std::string& help) {
    return app_.add_option(name, target, help);
  }

  // Parses the environment through `getenv` (std::getenv in production), then argv.
  ParseOutcome parse(int argc, const char* const* argv,
                     const std::function<const char*(const char*)>& getenv);

 private:
  struct Binding {
    CLI::Option* option;
    std::string env;
  };

  CLI::Option* bind(CLI::Option* option, const std::string& env) {
    return bind_environment(option->take_last(),
                            env);  // the last value of a repeated option counts, as in argparse
  }
  CLI::Option* bind_environment(CLI::Option* option, const std::string& env);
  ParseOutcome usage_error(const std::string& text) const;

  CLI::App app_;
  std::vector<Binding> bindings_;
};

// A CLI11 validator that turns "1h30m" into seconds and rejects what is not a time span.
CLI::Validator time_span_validator();

// Options that master and worker share, with stock's names and environment variables.
struct CommonOptions {
  std::optional<std::string> locustfile;
  std::optional<std::string> host;
  std::string loglevel = "INFO";
  std::optional<std::string> logfile;
};
void add_common_options(OptionTable& table, CommonOptions& options);

// -T and -E with stock's rule for their environment variables: they count where the command line
// says nothing.
struct TagOptions {
  std::vector<std::string> tags;
  std::vector<std::string> exclude_tags;
};
void add_tag_options(OptionTable& table, TagOptions& options);
void read_tag_environment(const std::function<const char*(const char*)>& getenv,
                          TagOptions& options);

}  // namespace locust
