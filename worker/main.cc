// locust-worker: see `locust-worker --help`.

#include <chrono>
#include <string>
#include <vector>

#include "common/base/run_program.h"
#include "common/options/locustfile_paths.h"
#include "worker/check.h"
#include "worker/control/download.h"
#include "worker/python/python_start.h"
#include "worker/scenario/scenario_start.h"
#include "worker/worker_run.h"

namespace locust::worker {
namespace {

constexpr int kNoLocustfile = 1;  // the master sent none; main.py

// The test to run.
struct Locustfile {
  bool is_python = false;
  std::vector<std::string> files{};  // empty if none was given
  DownloadedScenario downloaded{};   // owns the folder of downloaded files
};

Result<Locustfile> find_locustfile(const ScenarioPlace& place) {
  if (!place.locustfile) return Locustfile{};
  if (*place.locustfile == "-") {
    auto sent = download_scenario(place.master_host, place.master_port,
                                  std::chrono::seconds(place.connect_timeout));
    if (!sent) return Error{sent.error()};
    const std::vector<std::string> files = sent->files;
    return Locustfile{files.front().ends_with(".py"), files, *std::move(sent)};
  }
  if (!is_python(*place.locustfile)) return Locustfile{false, {*place.locustfile}};
  auto files = python_files(*place.locustfile);
  if (!files) return Error{files.error()};
  return Locustfile{true, *std::move(files)};
}

int main(int argc, char** argv) {
  // The program is loaded first, because its arguments are options.
  const ScenarioPlace place = find_scenario(argc, argv);
  if (place.check) return check(argc, argv, place);
  const auto locustfile = find_locustfile(place);
  if (!locustfile) return fail(locustfile.error(), kNoLocustfile);
  const ProgramStart start = locustfile->is_python
                                 ? start_python(argc, argv, place, locustfile->files)
                                 : start_scenario(argc, argv, locustfile->files);
  if (!start.program) return start.exit_code;
  return run_worker(start.options, start.notes, *start.program);
}

}  // namespace
}  // namespace locust::worker

int main(int argc, char** argv) { return locust::run_program(argc, argv, locust::worker::main); }
