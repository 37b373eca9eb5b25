// LoadedTest: the test of -f, loaded before the rest of the command line is parsed, because its
// arguments are options.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/options/config_users.h"
#include "master/python/python_master.h"
#include "master/run/master_options.h"
#include "master/run/run_inputs.h"

namespace locust::master {

class LoadedTest {
 public:
  // Finds and reads the file. Prints errors to stderr and returns the exit code.
  std::optional<int> load(int argc, const char* const* argv);
  // Parses the options of the process, without the locustfile's own arguments. If the scenario has
  // errors, reports them instead of options that may be its arguments.
  ParseOutcome parse_options(MasterOptions& options) const;
  // The help text of the locustfile's own arguments; empty if there are none.
  std::string help() const;

  // Whether the files are Python, run by this process or by others that it starts.
  bool is_of_python() const;
  // Null if this process runs no Python.
  PythonMaster* python() const { return python_.get(); }

  // Creates the environment of locustfiles; does nothing for other tests. Logs errors and returns
  // the exit code.
  std::optional<int> begin(const MasterOptions& options);
  // Call it once; for Python files after begin(). The error is for the operator.
  Result<RunInputs> read_inputs(const MasterOptions& options);

 private:
  std::optional<int> load_python(const LocustfilePlace& place);
  Result<TestFile> take_test();
  // Parses them when first called.
  const Result<std::vector<UserConfig>>& config_users(const MasterOptions& options);

  std::string program_;
  std::vector<std::string> arguments_;
  LocustfileOptions options_of_locustfile_;
  std::optional<std::string> file_;  // the value of -f
  bool for_others_ = false;          // this process only starts others, which read the file
  std::optional<Result<std::vector<UserConfig>>> config_users_;
  ParsedScenario parsed_;
  std::unique_ptr<PythonMaster> python_;
};

}  // namespace locust::master
