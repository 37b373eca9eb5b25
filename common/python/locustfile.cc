#include "common/python/locustfile.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "common/options/locustfile_paths.h"

namespace locust::python {
namespace {

constexpr const char* kHost = "locust._host";
constexpr int kCannotStart = 1;

void set(const Ref& options, const char* name, const Ref& value) {
  if (!value || PyDict_SetItemString(options.get(), name, value.get()) < 0) PyErr_Clear();
}

std::vector<TaskRatio> read_tasks(PyObject* list) {
  std::vector<TaskRatio> tasks;
  for (Py_ssize_t i = 0; i < PyList_Size(list); ++i) {
    PyObject* const task = PyList_GetItem(list, i);
    tasks.push_back({text_of(PyTuple_GetItem(task, 0)), PyFloat_AsDouble(PyTuple_GetItem(task, 1)),
                     read_tasks(PyTuple_GetItem(task, 2))});
  }
  return tasks;
}

Ref config_object(const UserConfig& config) {
  Ref dict(PyDict_New());
  set_option(dict, "user_class_name", config.user_class_name);
  if (config.weight) set_option(dict, "weight", *config.weight);
  if (config.fixed_count) {
    set_option(dict, "fixed_count", static_cast<std::int64_t>(*config.fixed_count));
  }
  if (config.host) set_option(dict, "host", *config.host);
  if (config.tasks) {
    PyDict_SetItemString(dict.get(), "tasks", to_list(*config.tasks).get());
  }
  for (const auto& [name, json] : config.others) {
    const Ref value =
        call_embedded("json", "loads", Ref(PyTuple_Pack(1, to_str(json).get())).get());
    if (value) {
      PyDict_SetItem(dict.get(), to_str(name).get(), value.get());
    } else {
      report_unraisable("--config-users");  // nested too deeply for Python
    }
  }
  return dict;
}

}  // namespace

std::optional<int> load_locustfiles(const InterpreterOptions& options,
                                    const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    if (const auto problem = problem_of_place(file)) {
      std::cerr << *problem << '\n';
      return kCannotStart;
    }
  }
  if (const auto ok = start_interpreter(options); !ok) {
    std::cerr << ok.error() << '\n';
    return kCannotStart;
  }
  const Ref arguments(PyTuple_Pack(1, to_list(files).get()));
  const Ref loaded = call_embedded(kHost, "load", arguments.get());
  if (loaded) return std::nullopt;
  const int exit_code = exit_code_of_exception();
  end_interpreter();
  return exit_code;
}

int check_locustfiles(const InterpreterOptions& options, const std::vector<std::string>& files) {
  if (const auto ok = start_interpreter(options); !ok) {
    std::cerr << ok.error() << '\n';
    return kCannotStart;
  }
  const Ref arguments(PyTuple_Pack(1, to_list(files).get()));
  const Ref done = call_embedded("locust._check", "check", arguments.get());
  const int exit_code =
      done ? static_cast<int>(PyLong_AsLong(done.get())) : exit_code_of_exception();
  end_interpreter();
  return exit_code;
}

std::optional<std::string> problem_of_place(const std::string& file) {
  if (is_url(file)) return file + ": download it, and give the file with -f FILE";
  std::error_code ignored;
  if (std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
  return "Could not find '" + file +
         "'. Ensure your locustfile ends with '.py' or is a directory with locustfiles.";
}

Ref settings_of_files(const std::optional<std::string>& config) {
  Ref list(PyList_New(0));
  const char* const home = std::getenv("HOME");
  const auto settings =
      read_configuration(config, home ? std::optional<std::string>(home) : std::nullopt);
  if (!settings) return list;
  for (const ConfigSetting& setting : *settings) {
    const Ref value = setting.is_list ? to_list(setting.values) : to_str(setting.values.front());
    const Ref tuple(
        PyTuple_Pack(3, to_str(setting.key).get(), value.get(), to_str(setting.place).get()));
    PyList_Append(list.get(), tuple.get());
  }
  return list;
}

OtherArguments take_arguments(const std::vector<std::string>& arguments,
                              const std::optional<std::string>& config) {
  const Ref packed(PyTuple_Pack(2, to_list(arguments).get(), settings_of_files(config).get()));
  const Ref taken = call_embedded(kHost, "take_arguments", packed.get());
  OtherArguments result;
  if (!taken) {
    result.exit_code = exit_code_of_exception();
    end_interpreter();
    return result;
  }
  result.arguments = texts_of(PyTuple_GetItem(taken.get(), 0));
  result.options.arguments = texts_of(PyTuple_GetItem(taken.get(), 1));
  PyObject* const defaults = PyTuple_GetItem(taken.get(), 2);
  for (Py_ssize_t i = 0; i < PyList_Size(defaults); ++i) {
    PyObject* const each = PyList_GetItem(defaults, i);
    result.options.defaults.push_back({.key = text_of(PyTuple_GetItem(each, 0)),
                                       .values = texts_of(PyTuple_GetItem(each, 1)),
                                       .is_list = PyTuple_GetItem(each, 2) == Py_True,
                                       .place = text_of(PyTuple_GetItem(each, 3))});
  }
  return result;
}

std::string help_of_arguments() {
  const Ref none(PyTuple_New(0));
  const Ref help = call_embedded(kHost, "help_of_arguments", none.get());
  if (!help) PyErr_Clear();
  return help ? text_of(help.get()) : std::string();
}

int exit_code_of_exception() {
  const Ref exception = take_exception();
  if (!exception) return kCannotStart;
  const Ref arguments(PyTuple_Pack(1, exception.get()));
  const Ref code = call_embedded(kHost, "exit_code_of", arguments.get());
  if (!code) {
    PyErr_Print();
    return kCannotStart;
  }
  return static_cast<int>(PyLong_AsLong(code.get()) & 0xff);
}

Ref to_list(const std::vector<std::string>& texts) {
  Ref list(PyList_New(0));
  for (const std::string& text : texts) {
    const Ref item(
        PyUnicode_DecodeFSDefaultAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
    if (item) PyList_Append(list.get(), item.get());
  }
  return list;
}

std::vector<std::string> texts_of(PyObject* list) {
  std::vector<std::string> texts;
  for (Py_ssize_t i = 0; i < PyList_Size(list); ++i) {
    texts.push_back(text_of(PyList_GetItem(list, i)));
  }
  return texts;
}

Ref to_dicts(const std::vector<UserConfig>& configs) {
  Ref list(PyList_New(0));
  for (const UserConfig& config : configs) {
    if (const Ref dict = config_object(config)) PyList_Append(list.get(), dict.get());
  }
  return list;
}

Ref to_dict(const std::vector<GivenOption>& given) {
  Ref dict(PyDict_New());
  for (const GivenOption& option : given) {
    set(dict, option.attribute.c_str(), to_list(option.values));
  }
  return dict;
}

void set_option(const Ref& options, const char* name, const std::string& value) {
  set(options, name, to_str(value));
}

void set_option(const Ref& options, const char* name, std::int64_t value) {
  set(options, name, Ref(PyLong_FromLongLong(value)));
}

void set_option(const Ref& options, const char* name, double value) {
  set(options, name, Ref(PyFloat_FromDouble(value)));
}

void set_option(const Ref& options, const char* name, bool value) {
  set(options, name, Ref(PyBool_FromLong(value ? 1 : 0)));
}

std::vector<LocustfileClass> read_classes(PyObject* descriptions) {
  std::vector<LocustfileClass> classes;
  for (Py_ssize_t i = 0; i < PyList_Size(descriptions); ++i) {
    PyObject* const item = PyList_GetItem(descriptions, i);
    classes.push_back({Ref::borrow(PyTuple_GetItem(item, 0)), text_of(PyTuple_GetItem(item, 1)),
                       PyFloat_AsDouble(PyTuple_GetItem(item, 2)),
                       static_cast<int>(PyLong_AsLong(PyTuple_GetItem(item, 3))),
                       text_of(PyTuple_GetItem(item, 4)), read_tasks(PyTuple_GetItem(item, 5))});
  }
  return classes;
}

}  // namespace locust::python
