#include "worker/python/python_start.h"

#include <iostream>
#include <utility>

#include "common/base/run_program.h"
#include "common/options/config_users.h"
#include "common/python/locustfile.h"
#include "worker/python/embedded_python.h"

namespace locust::worker {

using python::Ref;

namespace {

// Prints what the options ask for instead of a run, if anything, and returns the exit code.
std::optional<int> describe_instead(const WorkerOptions& options) {
  Ref done;
  const Ref none(PyTuple_New(0));
  if (options.validate || options.dry_run) {
    return fail(
        "--validate and --dry-run are for YAML scenarios; locust --check FILE checks a locustfile, "
        "and locust -f FILE --headless -u 1 -t 10s tries it with one user",
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

}  // namespace

ProgramStart start_python(int argc, const char* const* argv, const ScenarioPlace& place,
                          const std::vector<std::string>& files) {
  // Errors are reported when the options are read next.
  static_cast<void>(apply_mask_options(place.mask));
  auto program = std::make_unique<EmbeddedPython>();
  const std::vector<std::string> all(argv, argv + argc);
  if (const auto exit_code = EmbeddedPython::load({place.python_home, all}, files)) {
    return ProgramStart::ended(*exit_code);
  }
  python::OtherArguments others =
      python::take_arguments({all.begin() + 1, all.end()}, place.config);
  if (others.exit_code) return ProgramStart::ended(*others.exit_code);
  std::vector<const char*> arguments{argv[0]};
  for (const std::string& argument : others.arguments) arguments.push_back(argument.c_str());
  WorkerOptions options;
  const ParseOutcome outcome =
      parse_worker_options(static_cast<int>(arguments.size()), arguments.data(), {}, options,
                           LocustfileKind::kPython, std::move(others.options));
  if (!outcome.proceed) {
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text;
    if (outcome.exit_code == 0) std::cout << python::help_of_arguments();
    return ProgramStart::ended(outcome.exit_code);
  }
  if (const auto exit_code = describe_instead(options)) return ProgramStart::ended(*exit_code);
  const auto configs = parse_config_users(options.config_users);
  if (!configs) return ProgramStart::ended(fail(configs.error(), kUsageError));
  if (options.processes != 0 && options.processes != 1) {
    const Ref none(PyTuple_New(0));
    if (!python::call_embedded("locust._host", "warn_of_threads", none.get())) PyErr_Clear();
  }
  program->configure(options, *configs, files);
  return {std::move(program), std::move(options), outcome.notes};
}

int check_python(int argc, const char* const* argv, const ScenarioPlace& place,
                 const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    if (const auto problem = python::problem_of_place(file)) return fail(*problem, kUsageError);
  }
  const EmbeddedPython worker_module;  // the classes of self.client are based on it
  return python::check_locustfiles({place.python_home, {argv, argv + argc}}, files);
}

}  // namespace locust::worker
