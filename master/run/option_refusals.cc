#include "master/run/option_refusals.h"

namespace locust::master {
namespace {

constexpr int kContradiction = 255;  // stock's

}  // namespace

std::optional<Refusal> refusal(const MasterOptions& options) {
  if (options.common.locustfile == kFromMaster) {
    return Refusal{
        "locustfile was set to '-' (meaning to download from master) but --worker was not "
        "specified.",
        1};
  }
  if (options.autoquit != -1 && !options.autostart) {
    return Refusal{"--autoquit is only meaningful in combination with --autostart", 1};
  }
  if (options.worker_mode) {
    return Refusal{"The --master argument cannot be combined with --worker; start locust-worker",
                   kContradiction};
  }
  if (options.processes != 0 && options.master_mode) {
    return Refusal{"--processes starts workers beside the master; leave out --master with it", 1};
  }
  if (!options.web.base_path.empty() && options.web.base_path.front() != '/') {
    return Refusal{"Invalid format for --web-base-path argument (" + options.web.base_path +
                       "): the url path must start with a slash.",
                   1};
  }
  return std::nullopt;
}

}  // namespace locust::master
