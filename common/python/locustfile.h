// The Python locustfiles of a process: loading, their arguments, and the exit codes they cause.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/options/config_users.h"
#include "common/options/options.h"
#include "common/python/interpreter.h"
#include "common/stats/task_ratio.h"

namespace locust::python {

// Starts the interpreter and imports the files. Returns nullopt on success; otherwise the exit
// code of the process, after writing the reason to stderr.
std::optional<int> load_locustfiles(const InterpreterOptions& options,
                                    const std::vector<std::string>& files);

// Prints what the files use that is missing or differs, without executing them. Returns the exit
// code: 1 if there is anything.
int check_locustfiles(const InterpreterOptions& options, const std::vector<std::string>& files);

// Why a locustfile cannot be loaded: it is a URL or not a file.
std::optional<std::string> problem_of_place(const std::string& file);

// [(key, text or list of texts, place)] of the configuration files and of the one that --config
// names. The first of a key wins. Empty if one of them is invalid, which is reported when the options
// of the process are read.
Ref settings_of_files(const std::optional<std::string>& config);

// A command line without the locustfiles' own arguments.
struct OtherArguments {
  std::vector<std::string> arguments;
  LocustfileOptions options{};
  std::optional<int> exit_code{};  // one of their arguments was invalid; the error was printed
};
// `config`: the value of --config, whose settings may be theirs too.
OtherArguments take_arguments(const std::vector<std::string>& arguments,
                              const std::optional<std::string>& config);

// The help text of these arguments; empty if there are none.
std::string help_of_arguments();

// Prints the current exception as Python does at the end of a program and clears it. Returns the
// exit code: that of a SystemExit, otherwise 1.
int exit_code_of_exception();

// The values of --config-users as the dicts that _host.configure() takes.
Ref to_dicts(const std::vector<UserConfig>& configs);

// {attribute: [text]}, which _host.parsed_options() reads.
Ref to_dict(const std::vector<GivenOption>& given);
// Adds an option to a dict.
void set_option(const Ref& options, const char* name, const std::string& value);
void set_option(const Ref& options, const char* name, std::int64_t value);
void set_option(const Ref& options, const char* name, double value);
void set_option(const Ref& options, const char* name, bool value);
Ref to_list(const std::vector<std::string>& texts);
// The str() of each item of a list.
std::vector<std::string> texts_of(PyObject* list);

// A user class as the process needs it.
struct LocustfileClass {
  Ref type;
  std::string name;
  double weight = 1;
  int fixed_count = 0;
  std::string host;
  std::vector<TaskRatio> tasks;
};
// Reads the result of locust._host.describe_classes.
std::vector<LocustfileClass> read_classes(PyObject* descriptions);

}  // namespace locust::python
