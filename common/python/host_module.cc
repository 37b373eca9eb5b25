#include "common/python/host_module.h"

#include <spdlog/common.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "common/base/log.h"
#include "common/base/mask.h"
#include "common/base/version.h"
#include "common/options/option_specs.h"
#include "common/python/embedded.h"
#include "common/python/exit_request.h"
#include "common/python/hub.h"
#include "common/python/locustfile.h"

namespace locust::python {
namespace {

// Longer ones cannot be distinguished from "forever".
constexpr double kLongest = 1e9;

PyObject* raise_interrupted() {
  Hub::instance()->raise();
  return nullptr;
}

bool on_loop_stack() { return Hub::instance() == nullptr || Hub::instance()->current() == nullptr; }

// sleep(seconds) -> False, without sleeping, if it was not called in a greenlet.
PyObject* host_sleep(PyObject*, PyObject* argument) {
  const double wanted = PyFloat_AsDouble(argument);
  if (wanted == -1 && PyErr_Occurred() != nullptr) return nullptr;
  if (on_loop_stack()) Py_RETURN_FALSE;
  if (!Hub::instance()->sleep(seconds(std::fmin(wanted, kLongest)))) return raise_interrupted();
  Py_RETURN_TRUE;
}

PyObject* host_spawn(PyObject*, PyObject* callable) {
  return PyLong_FromUnsignedLongLong(Hub::spawn(Ref::borrow(callable)));
}

// current() -> the id of the running greenlet, None on the loop's own stack.
PyObject* host_current(PyObject*, PyObject*) {
  if (on_loop_stack()) Py_RETURN_NONE;
  return PyLong_FromUnsignedLongLong(Hub::instance()->id_of_current());
}

PyObject* host_park(PyObject*, PyObject*) {
  if (on_loop_stack()) {
    PyErr_SetString(PyExc_RuntimeError,
                    "this would block forever: it waits for greenlets, which only run while this "
                    "code does not (wait in a task or in a greenlet of gevent.spawn, not in a "
                    "thread of your own)");
    return nullptr;
  }
  if (!Hub::instance()->park()) return raise_interrupted();
  Py_RETURN_NONE;
}

PyObject* host_unpark(PyObject*, PyObject* argument) {
  const unsigned long long id = PyLong_AsUnsignedLongLong(argument);
  if (PyErr_Occurred() != nullptr) return nullptr;
  if (Hub::instance() != nullptr) Hub::instance()->unpark(id);
  Py_RETURN_NONE;
}

// run(callable): calls Hub::run_now. The loop's thread only.
PyObject* host_run(PyObject*, PyObject* callable) {
  if (Hub::instance() != nullptr) Hub::instance()->run_now(Ref::borrow(callable));
  Py_RETURN_NONE;
}

// kill(id, exception, seconds from now) -> an id for cancel()
PyObject* host_kill(PyObject*, PyObject* arguments) {
  unsigned long long id = 0;
  PyObject* exception = nullptr;
  double delay = 0;
  if (PyArg_ParseTuple(arguments, "KO|d", &id, &exception, &delay) == 0) return nullptr;
  if (Hub::instance() == nullptr) Py_RETURN_NONE;
  return PyLong_FromUnsignedLongLong(
      Hub::instance()->kill_later(id, Ref::borrow(exception), seconds(std::fmin(delay, kLongest))));
}

// call_later(seconds, callable) -> an id for cancel(). The loop must run.
PyObject* host_call_later(PyObject*, PyObject* arguments) {
  double delay = 0;
  PyObject* callable = nullptr;
  if (PyArg_ParseTuple(arguments, "dO", &delay, &callable) == 0) return nullptr;
  if (Hub::instance() == nullptr) {
    PyErr_SetString(PyExc_RuntimeError,
                    "timers run once the test's loop runs, not while it is "
                    "being loaded");
    return nullptr;
  }
  return PyLong_FromUnsignedLongLong(
      Hub::instance()->call_later(seconds(std::fmin(delay, kLongest)), Ref::borrow(callable)));
}

PyObject* host_cancel(PyObject*, PyObject* argument) {
  const unsigned long long call = PyLong_AsUnsignedLongLong(argument);
  if (PyErr_Occurred() != nullptr) return nullptr;
  if (Hub::instance() != nullptr) Hub::instance()->cancel(call);
  Py_RETURN_NONE;
}

// log(logger, level, text), where level is a level of Python's logging.
PyObject* host_log(PyObject*, PyObject* arguments) {
  const char* logger = nullptr;
  int level = 0;
  const char* text = nullptr;
  Py_ssize_t size = 0;
  if (PyArg_ParseTuple(arguments, "sis#", &logger, &level, &text, &size) == 0) return nullptr;
  const auto spdlog_level = level >= 50   ? spdlog::level::critical
                            : level >= 40 ? spdlog::level::err
                            : level >= 30 ? spdlog::level::warn
                            : level >= 20 ? spdlog::level::info
                                          : spdlog::level::debug;
  log::write(logger, spdlog_level, {text, static_cast<std::size_t>(size)});
  Py_RETURN_NONE;
}

// exit(code or None): calls request_exit.
PyObject* host_exit(PyObject*, PyObject* argument) {
  std::optional<int> code;
  if (argument != Py_None) {
    const long given = PyLong_AsLong(argument);
    if (given == -1 && PyErr_Occurred() != nullptr) return nullptr;
    code = static_cast<int>(given & 0xff);
  }
  request_exit(code);
  Py_RETURN_NONE;
}

// source(path) -> the text of an embedded file, or None.
PyObject* host_source(PyObject*, PyObject* argument) {
  const std::string path = text_of(argument);
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path == path) return to_str(file.text).release();
  }
  Py_RETURN_NONE;
}

// mask(values): adds secrets.
PyObject* host_mask(PyObject*, PyObject* values) {
  const Ref list(PySequence_List(values));
  if (!list) return nullptr;
  add_secrets(texts_of(list.get()));
  Py_RETURN_NONE;
}

// masked(text) -> the text with secrets masked.
PyObject* host_masked(PyObject*, PyObject* text) { return to_str(masked(text_of(text))).release(); }

// A row of the option table: (attribute, [name], kind, environment variable, help, [choice], group,
// whether stock has it). The kind is "flag", "value", "list", or "refused" with the message as the
// help.
Ref option_row(const OptionSpec& spec, const OptionGroup& group) {
  const char* kind = spec.is_flag() ? "flag" : spec.is_list() ? "list" : "value";
  if (spec.effect == OptionEffect::kRefused) kind = "refused";
  const Ref names(PyList_New(0));
  for (const std::string_view name : option_names(spec)) {
    PyList_Append(names.get(), to_str(std::string(name)).get());
  }
  const bool is_refused = spec.effect == OptionEffect::kRefused;
  return Ref(Py_BuildValue("(NOsNNNNN)", to_str(attribute_of(spec)).release(), names.get(), kind,
                           to_str(std::string(spec.env)).release(),
                           to_str(std::string(is_refused ? spec.remark : spec.help)).release(),
                           to_list(option_choices(spec)).release(),
                           to_str(std::string(group.title)).release(),
                           PyBool_FromLong(group.in_stock ? 1 : 0)));
}

// options() -> the rows of the option table.
PyObject* host_options(PyObject*, PyObject*) {
  Ref list(PyList_New(0));
  for (const OptionGroup& group : option_groups()) {
    for (const OptionSpec& spec : group.options) {
      const Ref row = option_row(spec, group);
      if (!row || PyList_Append(list.get(), row.get()) < 0) return nullptr;
    }
  }
  return list.release();
}

// settings(path of --config or None) -> settings_of_files().
PyObject* host_settings(PyObject*, PyObject* config) {
  return settings_of_files(config == Py_None ? std::nullopt : std::optional(text_of(config)))
      .release();
}

PyMethodDef host_methods[] = {
    {"settings", host_settings, METH_O, nullptr},
    {"options", host_options, METH_NOARGS, nullptr},
    {"sleep", host_sleep, METH_O, nullptr},
    {"spawn", host_spawn, METH_O, nullptr},
    {"run", host_run, METH_O, nullptr},
    {"current", host_current, METH_NOARGS, nullptr},
    {"park", host_park, METH_NOARGS, nullptr},
    {"unpark", host_unpark, METH_O, nullptr},
    {"kill", host_kill, METH_VARARGS, nullptr},
    {"call_later", host_call_later, METH_VARARGS, nullptr},
    {"cancel", host_cancel, METH_O, nullptr},
    {"log", host_log, METH_VARARGS, nullptr},
    {"exit", host_exit, METH_O, nullptr},
    {"source", host_source, METH_O, nullptr},
    {"mask", host_mask, METH_O, nullptr},
    {"masked", host_masked, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef host_module = {PyModuleDef_HEAD_INIT,
                           "_locust_host",
                           nullptr,
                           -1,
                           host_methods,
                           nullptr,
                           nullptr,
                           nullptr,
                           nullptr};

}  // namespace

PyObject* init_host_module() {
  Ref module(PyModule_Create(&host_module));
  if (!module ||
      PyModule_AddStringConstant(module.get(), "version", std::string(kVersion).c_str()) < 0) {
    return nullptr;
  }
  return module.release();
}

}  // namespace locust::python
