#include "master/python/python_options.h"

#include "common/python/locustfile.h"

namespace locust::master {
namespace {

using python::Ref;
using python::set_option;

template <typename T>
void set_optional(const Ref& dict, const char* name, const std::optional<T>& value) {
  if (value) {
    set_option(dict, name, *value);
  } else {
    set_option(dict, name, std::optional<std::string>());
  }
}

}  // namespace

Ref options_object(const MasterOptions& options) {
  Ref dict(PyDict_New());
  set_option(dict, "master", true);
  set_option(dict, "worker", false);
  set_option(dict, "headless", options.headless);
  set_option(dict, "autostart", options.autostart);
  set_option(dict, "host", options.common.host);
  set_option(dict, "locustfile", options.common.locustfile.value_or(""));
  set_option(dict, "loglevel", options.common.loglevel);
  set_option(dict, "logfile", options.common.logfile);
  set_option(dict, "skip_log_setup", options.common.skip_log_setup);
  // Options that were not given have the value that stock uses when it starts the test.
  set_option(dict, "num_users", options.users.value_or(1));
  set_option(dict, "users", options.users.value_or(1));
  set_option(dict, "spawn_rate", options.spawn_rate.value_or(1));
  set_optional(dict, "run_time", options.run_time);
  set_option(dict, "expect_workers", options.expect_workers);
  set_option(dict, "stop_timeout", options.stop_timeout);
  set_option(dict, "reset_stats", options.report.reset_stats);
  set_option(dict, "equal_weights", options.equal_weights);
  set_option(dict, "csv_prefix", options.report.csv_prefix);
  set_option(dict, "html_file", options.report.html_file);
  set_option(dict, "json", options.report.json);
  set_option(dict, "exit_code_on_error",
             static_cast<std::int64_t>(options.verdicts.exit_code_on_error.value_or(1)));
  set_option(dict, "master_bind_host", options.master_bind_host);
  set_option(dict, "master_bind_port", static_cast<std::int64_t>(options.master_bind_port));
  set_option(dict, "web_port", static_cast<std::int64_t>(options.web.port));
  set_option(dict, "profile", options.profile);
  set_option(dict, "tags", options.tags.tags);
  set_option(dict, "exclude_tags", options.tags.exclude_tags);
  set_option(dict, "user_classes", options.user_classes);
  return dict;
}

}  // namespace locust::master
