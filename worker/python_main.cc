#include "worker/python_main.h"

#include <functional>
#include <iostream>
#include <memory>
#include <utility>

#include "common/base/signals.h"
#include "common/options/config_users.h"
#include "common/options/locustfile_paths.h"
#include "worker/python/python_program.h"
#include "worker/worker_run.h"

namespace locust::worker {
namespace {

using python::Ref;

// As parsed_options of the environment has them.
Ref options_object(const WorkerOptions& options) {
  Ref dict(PyDict_New());
  python::set_option(dict, "worker", true);
  python::set_option(dict, "master", false);
  python::set_option(dict, "headless", false);
  python::set_option(dict, "host", options.common.host);
  python::set_option(dict, "locustfile", options.common.locustfile.value_or(""));
  python::set_option(dict, "loglevel", options.common.loglevel);
  python::set_option(dict, "logfile", options.common.logfile);
  python::set_option(dict, "skip_log_setup", options.common.skip_log_setup);
  python::set_option(dict, "master_host", options.master_host);
  python::set_option(dict, "master_port", static_cast<std::int64_t>(options.master_port));
  python::set_option(dict, "num_users", options.users);
  python::set_option(dict, "profile", options.profile);
  python::set_option(dict, "processes", static_cast<std::int64_t>(options.processes));
  python::set_option(dict, "stop_timeout", options.stop_timeout);
  python::set_option(dict, "reset_stats", options.reset_stats);
  python::set_option(dict, "equal_weights", options.equal_weights);
  python::set_option(dict, "user_classes", options.user_classes);
  python::set_option(dict, "tags", options.tags.tags);
  python::set_option(dict, "exclude_tags", options.tags.exclude_tags);
  return dict;
}

std::vector<proto::TaskRatio> task_ratios(const std::vector<python::ClassTasks>& tasks) {
  std::vector<proto::TaskRatio> ratios;
  for (const python::ClassTasks& task : tasks) {
    ratios.push_back({task.name, task.ratio, task_ratios(task.tasks)});
  }
  return ratios;
}

std::vector<proto::ClassInfo> describe(const std::vector<python::LocustfileClass>& classes) {
  std::vector<proto::ClassInfo> infos;
  for (const python::LocustfileClass& each : classes) {
    proto::ClassInfo info{each.name, each.weight, each.fixed_count, {}, {}};
    if (!each.host.empty()) info.host = each.host;
    info.tasks = task_ratios(each.tasks);
    infos.push_back(std::move(info));
  }
  return infos;
}

// What Python asks for before the control thread's part is there is kept until then.
using KeptRequests = std::vector<std::function<void(const WorkerRequests&)>>;

void keep_requests(WorkerRequests& requests, const std::shared_ptr<KeptRequests>& kept) {
  requests.stop_test = [kept] {
    kept->push_back([](const WorkerRequests& there) { there.stop_test(); });
  };
  requests.exit = [kept] { kept->push_back([](const WorkerRequests& there) { there.exit(); }); };
  requests.send_message = [kept](const std::string& type, const proto::Value& data) {
    kept->push_back([type, data](const WorkerRequests& there) { there.send_message(type, data); });
  };
  requests.register_message = [kept](const std::string& type) {
    kept->push_back([type](const WorkerRequests& there) { there.register_message(type); });
  };
}

// Messages of the test's own, and its wish to end.
void connect_requests(WorkerRequests& requests, EventLoop& control, Worker& worker,
                      ThreadedUserLoop& users) {
  requests.stop_test = [&control, &worker] { control.post([&worker] { worker.stop_test({}); }); };
  requests.exit = [&control, &worker] { control.post([&worker] { worker.exit(); }); };
  requests.send_message = [&control, &worker](const std::string& type, proto::Value data) {
    control.post([&worker, type, data = std::move(data)]() mutable {
      worker.send_message(type, std::move(data));
    });
  };
  worker.on_heartbeat([&users] { users.post(&PythonProgram::tell_heartbeat); });
  requests.register_message = [&control, &worker, &users](const std::string& type) {
    control.post([&worker, &users, type] {
      worker.register_message(type, [&users, type](const proto::Value& data) {
        users.post([type, data] { PythonProgram::receive(type, data); });
      });
    });
  };
}

// What is asked for instead of a run: its exit code.
std::optional<int> describe_instead(const WorkerOptions& options) {
  Ref done;
  const Ref none(PyTuple_New(0));
  if (options.validate || options.dry_run) {
    return fail(
        "--validate and --dry-run are for YAML scenarios; to try a locustfile, run it with "
        "one user: locust -f FILE --headless -u 1 -t 10s",
        kUsageError);
  }
  if (!options.source_ip.empty()) {
    return fail("--source-ip is for YAML scenarios; leave it out with a Python locustfile",
                kUsageError);
  }
  if (options.list) {
    done = python::call_embedded("locust._host", "list_classes", none.get());
  } else if (options.show_task_ratio || options.show_task_ratio_json) {
    const Ref arguments(Py_BuildValue("(Li)", static_cast<long long>(options.users),
                                      options.show_task_ratio_json ? 1 : 0));
    done = python::call_embedded("locust._host", "show_task_ratio", arguments.get());
  } else {
    return std::nullopt;
  }
  const int exit_code = done ? 0 : python::exit_code_of_exception();
  python::end_interpreter();
  return exit_code;
}

std::variant<RunParts, int> python_parts(PythonProgram& test, const WorkerOptions& options,
                                         const std::vector<UserConfig>& configs,
                                         const std::vector<std::string>& files,
                                         const std::string& client_id) {
  const auto kept = std::make_shared<KeptRequests>();
  keep_requests(test.requests(), kept);
  {
    const SignalWatcher::LetThrough by_listeners(ending_signals());
    if (const auto exit_code = test.begin(options_object(options), client_id, configs)) {
      return *exit_code;
    }
  }
  RunParts parts;
  test.add_to(parts.loop);
  parts.classes = describe(test.classes());
  parts.files = digest_files(with_different_names(files));
  // The users' thread may run Python by now.
  parts.connect = [&test, kept](EventLoop& control, Worker& worker, ThreadedUserLoop& users) {
    const python::GilHeld gil;
    connect_requests(test.requests(), control, worker, users);
    for (const auto& request : std::exchange(*kept, {})) request(test.requests());
  };
  parts.disconnect = [&test] {
    const python::GilHeld gil;
    test.requests() = {};
  };
  parts.blocked_by = test.blocked_by();
  parts.guard = std::make_shared<python::GilReleased>();
  return parts;
}

}  // namespace

int run_python(int argc, const char* const* argv, const ScenarioPlace& place,
               const std::vector<std::string>& files) {
  // What is wrong with them is an error of the options, which are read next.
  static_cast<void>(apply_mask_options(place.mask));
  PythonProgram test;
  const std::vector<std::string> all(argv, argv + argc);
  if (const auto exit_code = test.load({place.python_home, all}, files)) return *exit_code;
  const python::OtherArguments others = python::take_arguments({all.begin() + 1, all.end()});
  if (others.exit_code) return *others.exit_code;
  std::vector<const char*> arguments{argv[0]};
  for (const std::string& argument : others.arguments) arguments.push_back(argument.c_str());
  WorkerOptions options;
  const ParseOutcome outcome =
      parse_worker_options(static_cast<int>(arguments.size()), arguments.data(), {}, options, true);
  if (!outcome.proceed) {
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text;
    if (outcome.exit_code == 0) std::cout << python::help_of_arguments();
    return outcome.exit_code;
  }
  if (const auto exit_code = describe_instead(options)) return *exit_code;
  const auto configs = parse_config_users(options.config_users);
  if (!configs) return fail(configs.error(), kUsageError);
  if (options.processes != 0 && options.processes != 1) {
    const Ref none(PyTuple_New(0));
    if (!python::call_embedded("locust._host", "warn_of_threads", none.get())) PyErr_Clear();
  }
  RunSteps steps;
  steps.fork = {python::before_fork, python::after_fork};
  steps.parts = [&](const std::string& client_id) {
    return python_parts(test, options, *configs, files, client_id);
  };
  steps.end = [&test](int exit_code) { return test.end(exit_code); };
  return run_worker(options, outcome.notes, steps);
}

}  // namespace locust::worker
