// locust: the counterpart of stock's program. Becomes locust-worker (--worker), locust-master
// (--master), or a locust-master that runs the test with a worker of its own.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <iterator>

#include "common/base/run_program.h"
#include "common/options/option_table.h"
#include "master/all_in_one.h"

namespace locust::master {
namespace {

constexpr int kContradiction = 255;  // stock's

int main(int argc, char** argv) {
  // Options that need no master.
  constexpr std::array kWorkersOwn = {"--validate",
                                      "--check",
                                      "--dry-run",
                                      "--print-schema",
                                      "--list",
                                      "--show-task-ratio",
                                      "--show-task-ratio-json"};
  std::array<bool, kWorkersOwn.size()> asked = {};
  bool worker = false;
  bool master = false;
  int processes = 0;
  OptionTable table(Program::kMaster, "");
  table.allow_unknown();
  for (std::size_t i = 0; i < asked.size(); ++i) table.add_flag(kWorkersOwn[i], asked[i]);
  table.add_flag("--worker", worker);
  table.add_flag("--master", master);
  table.add("--processes", processes);

  const Arguments arguments(std::next(argv, std::min(argc, 1)), std::next(argv, argc));
  // locust-master reports an invalid command line, and prints the help.
  if (!table.parse(argc, argv, [](const char* name) -> const char* { return std::getenv(name); })
           .proceed) {
    become("locust-master", arguments);
  }
  if (master && worker) {
    std::cerr << "The --master argument cannot be combined with --worker\n";
    return kContradiction;
  }
  if (worker || std::find(asked.begin(), asked.end(), true) != asked.end()) {
    become("locust-worker", arguments);
  }
  if (master || processes != 0) become("locust-master", arguments);
  become("locust-master", with_options(arguments, {"--processes=1"}));
}

}  // namespace
}  // namespace locust::master

int main(int argc, char** argv) { return locust::run_program(argc, argv, locust::master::main); }
