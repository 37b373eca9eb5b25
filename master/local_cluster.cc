#include "master/local_cluster.h"

#include <iostream>

#include "common/base/run_program.h"
#include "common/options/locustfile_paths.h"
#include "master/run/option_refusals.h"

namespace locust::master {

int run_local_cluster(const MasterOptions& options, const Arguments& arguments, int processes) {
  if (!options.common.locustfile) return fail(kNoScenario, kUsageError);
  if (options.bind_address_given) {
    std::cerr << "WARNING: --master-bind-host and --master-bind-port have no effect beside "
                 "--processes, whose workers reach the master at a free port of 127.0.0.1\n";
  }
  const std::string& file = *options.common.locustfile;
  const Arguments same_file = {"--locustfile=" + file};
  // A Python locustfile's own arguments are not known here; a worker accepts a master's.
  const Arguments& of_worker = is_python(file) ? arguments : options.arguments_of_worker;
  return run_all_in_one(
      {.of_master = with_options(arguments, same_file),
       .of_worker = with_options(of_worker, same_file),
       .processes = processes,
       .stop_timeout = seconds(static_cast<double>(options.stop_timeout)),
       .exit_codes = is_python(file) ? ExitCodes::kOfTheTest : ExitCodes::kOfTheProgram});
}

}  // namespace locust::master
