// The limited API has no PyConfig, by which a program starts an interpreter of its own.
#undef Py_LIMITED_API

#include "common/python/interpreter.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/base/text.h"
#include "common/python/bundle.h"
#include "common/python/greenlet_api.h"
#include "common/python/host_module.h"
#include "common/python/process_state.h"
#include "common/python/stats_module.h"

namespace locust::python {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVersionHere = "3.11";

// The Python version of a virtual environment, from its pyvenv.cfg: "3.9.2".
std::string version_of(const fs::path& environment) {
  std::ifstream file(environment / "pyvenv.cfg");
  for (std::string line; std::getline(file, line);) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const auto key = trimmed(std::string_view(line).substr(0, equals));
    if (key != "version" && key != "version_info") continue;
    return std::string(trimmed(std::string_view(line).substr(equals + 1)));
  }
  return {};
}

Result<void> check_version(const std::string& home, const std::string& origin) {
  const std::string version = version_of(home);
  if (version.empty() || version == kVersionHere ||
      version.starts_with(std::string(kVersionHere) + ".")) {
    return {};
  }
  return Error{origin + ": " + home + " is a virtual environment of Python " + version +
               ", but this program runs Python " + kVersionHere + "; make one with 'python" +
               kVersionHere + " -m venv', or run the test on stock Locust workers"};
}

Result<void> failed(const PyStatus& status) {
  return Error{std::string("Python cannot start: ") +
               (status.err_msg != nullptr ? status.err_msg : "unknown reason")};
}

// Makes our packages and Debian's greenlet importable before anything else is imported. A finder in
// C++ would be ten times as long.
constexpr const char* kBootstrap = R"(
import _locust_host as host, importlib.machinery, importlib.util, sys

def load_greenlet(folder):
    spec = importlib.machinery.PathFinder.find_spec("greenlet", [folder])
    if spec is None:
        raise ImportError("no greenlet in " + folder + "; install Debian's python3-greenlet")
    module = importlib.util.module_from_spec(spec)
    sys.modules["greenlet"] = module
    spec.loader.exec_module(module)

class Loader:
    def __init__(self, path, text):
        self.path, self.text = path, text
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        exec(compile(self.text, "<locust-cpp>/" + self.path, "exec"), module.__dict__)
    def get_source(self, name):
        return self.text

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        place = name.replace(".", "/")
        for path, is_package in ((place + "/__init__.py", True), (place + ".py", False)):
            text = host.source(path)
            if text is not None:
                loader = Loader(path, text)
                return importlib.util.spec_from_loader(
                    name, loader, origin="<locust-cpp>/" + path, is_package=is_package)
        package, dot, rest = name.partition(".")
        if package in ("locust", "gevent") and dot:
            raise ModuleNotFoundError(
                name + " is not among what locust-cpp has of " + package + " (docs/python.md); run "
                "this locustfile on stock Locust workers in the same test", name=name)

sys.meta_path.insert(0, Finder)
load_greenlet(folder)
if packages:
    import site
    site.addsitedir(packages)
)";

// `packages` is a folder to add to sys.path; may be empty.
Result<void> bootstrap(const std::string& greenlet_folder, const std::string& packages) {
  const Ref globals(PyDict_New());
  const Ref folder = to_str(greenlet_folder);
  const Ref more = to_str(packages);
  PyDict_SetItemString(globals.get(), "__builtins__", PyEval_GetBuiltins());
  PyDict_SetItemString(globals.get(), "folder", folder.get());
  PyDict_SetItemString(globals.get(), "packages", more.get());
  const Ref done(PyRun_String(kBootstrap, Py_file_input, globals.get(), globals.get()));
  if (done && GreenletApi::import()) return {};
  PyErr_Print();
  return Error{"Python cannot start: see above"};
}

struct Config {
  Config() { PyConfig_InitPythonConfig(&value); }
  ~Config() { PyConfig_Clear(&value); }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;
  PyConfig value{};
};

fs::path this_program() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored);
}

}  // namespace

// PYTHONPATH and similar variables apply, as for stock: locustfiles rely on them. The interpreter
// installs no signal handlers: the process has its own.
Result<void> start_interpreter(const InterpreterOptions& options) {
  std::string home = options.home;
  std::string origin = "--python-home";
  if (const char* environment = std::getenv("VIRTUAL_ENV");
      home.empty() && environment != nullptr) {
    home = environment;
    origin = "VIRTUAL_ENV";
  }
  std::error_code ignored;
  if (!home.empty() && !fs::is_directory(home, ignored)) {
    return Error{origin + ": there is no folder '" + home + "'"};
  }
  if (!home.empty()) {
    if (auto ok = check_version(home, origin); !ok) return ok;
  }
  const fs::path bundle = bundled_python(this_program());
  PyImport_AppendInittab("_locust_host", &init_host_module);
  PyImport_AppendInittab("_locust_stats", &init_stats_module);
  Config config;
  config.value.install_signal_handlers = 0;
  config.value.parse_argv = 0;
  config.value.buffered_stdio = 1;
  PyStatus status = PyStatus_Ok();
  const auto set = [&config, &status](wchar_t** member, const std::string& text) {
    if (PyStatus_Exception(status) == 0) {
      status = PyConfig_SetBytesString(&config.value, member, text.c_str());
    }
  };
  const bool is_environment = !home.empty() && fs::exists(fs::path(home) / "pyvenv.cfg", ignored);
  std::string packages;
  if (is_environment && !bundle.empty()) {
    // The environment's own standard library may be of a later 3.11, whose extension modules do not
    // fit our interpreter.
    set(&config.value.home, bundle.string());
    packages = (fs::path(home) / "lib" / "python3.11" / "site-packages").string();
  } else if (is_environment) {
    set(&config.value.executable, (fs::path(home) / "bin" / "python3").string());
  } else if (!home.empty() || !bundle.empty()) {
    set(&config.value.home, home.empty() ? bundle.string() : home);
  } else {
    set(&config.value.program_name, "/usr/bin/python3");
  }
  std::vector<char*> argv;
  for (const std::string& argument : options.argv) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  if (PyStatus_Exception(status) == 0) {
    status =
        PyConfig_SetBytesArgv(&config.value, static_cast<Py_ssize_t>(argv.size()), argv.data());
  }
  if (PyStatus_Exception(status) == 0) status = Py_InitializeFromConfig(&config.value);
  if (PyStatus_Exception(status) != 0) return failed(status);
  return bootstrap(bundle.empty() ? GREENLET_FOLDER : bundled_packages(bundle).string(), packages);
}

void end_interpreter() {
  if (const Ref atexit(PyImport_ImportModule("atexit")); atexit) {
    const Ref done(PyObject_CallMethod(atexit.get(), "_run_exitfuncs", nullptr));
  }
  PyErr_Clear();
  for (const char* name : {"stdout", "stderr"}) {
    PyObject* const stream = PySys_GetObject(name);  // borrowed
    if (stream == nullptr || stream == Py_None) continue;
    const Ref done(PyObject_CallMethod(stream, "flush", nullptr));
    PyErr_Clear();
  }
}

void before_fork() { PyOS_BeforeFork(); }

void after_fork(bool is_child) {
  if (is_child) {
    PyOS_AfterFork_Child();
  } else {
    PyOS_AfterFork_Parent();
  }
}

}  // namespace locust::python
