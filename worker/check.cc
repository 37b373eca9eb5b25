#include "worker/check.h"

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "common/base/run_program.h"
#include "common/options/locustfile_paths.h"
#include "worker/python/python_start.h"
#include "worker/scenario/scenario_start.h"

namespace locust::worker {

int check(int argc, const char* const* argv, const ScenarioPlace& place) {
  std::vector<std::string> scenarios;
  std::vector<std::string> python;
  std::vector<std::string> entries = place.files_to_check;
  if (place.locustfile) entries.push_back(*place.locustfile);
  for (const std::string& given : entries) {
    for (const std::string& entry : split_locustfile(given)) {
      if (entry == "-") return fail("--check is for files, not for those of a master", kUsageError);
      if (!is_python(entry)) {
        scenarios.push_back(entry);
        continue;
      }
      const auto files = python_files(entry);
      if (!files) return fail(files.error(), kUsageError);
      python.insert(python.end(), files->begin(), files->end());
    }
  }
  // It also reads the command line and reports its errors, and that there are no files.
  int exit_code = 0;
  if (!scenarios.empty() || python.empty()) {
    exit_code = start_scenario(argc, argv, scenarios).exit_code;
  } else {
    WorkerOptions options;
    const ParseOutcome outcome =
        parse_worker_options(argc, argv, {}, options, LocustfileKind::kPython);
    if (!outcome.proceed) {
      std::cerr << outcome.text;
      return outcome.exit_code;
    }
  }
  if (python.empty()) return exit_code;
  return std::max(exit_code, check_python(argc, argv, place, python));
}

}  // namespace locust::worker
