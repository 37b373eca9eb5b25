// LoadedTest: the test that -f names, loaded before the rest of the command line is read, because
// its arguments are options.
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
  // Finds the file and reads it. An exit code ends the process; the reason is on standard error.
  std::optional<int> load(int argc, const char* const* argv);
  // Of the process, without what the locustfile's own arguments took of them. A scenario with errors
  // has them reported instead of options that only it could explain.
  ParseOutcome parse_options(MasterOptions& options) const;
  // The help on the locustfile's own arguments; empty if there are none.
  std::string help() const;

  // The files are Python's, whether this process runs them or starts others that do.
  bool is_of_python() const;
  // Null if this process runs no Python.
  PythonMaster* python() const { return python_.get(); }

  // Makes the environment of locustfiles; does nothing for other tests. An exit code ends the
  // process; the reason is in the log.
  std::optional<int> begin(const MasterOptions& options);
  // Once, after begin() if the files are Python's. The error is for the operator.
  Result<RunInputs> read_inputs(const MasterOptions& options);

 private:
  std::optional<int> load_python(const LocustfilePlace& place);
  Result<TestFile> take_test();
  // Parses them when first called.
  const Result<std::vector<UserConfig>>& config_users(const MasterOptions& options);

  std::string program_;
  std::vector<std::string> arguments_;
  std::optional<std::string> file_;  // the value of -f
  bool for_others_ = false;          // this process only starts others, which read the file
  std::optional<Result<std::vector<UserConfig>>> config_users_;
  ParsedScenario parsed_;
  std::unique_ptr<PythonMaster> python_;
};

}  // namespace locust::master
