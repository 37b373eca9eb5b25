#include "common/python/stats_module.h"

#include <cmath>
#include <optional>
#include <string>

#include "common/base/mask.h"
#include "common/python/process_state.h"

namespace locust::python {
namespace {

RequestStats* shown_stats() { return process_state().stats; }

PyObject* to_python(const Number& number) {
  return number.is_float() ? PyFloat_FromDouble(number.as_double())
                           : PyLong_FromLongLong(number.to_int());
}

PyObject* to_python(const std::optional<double>& value) {
  if (!value) Py_RETURN_NONE;
  return PyFloat_FromDouble(*value);
}

PyObject* to_python(const std::optional<Number>& value) {
  if (!value) Py_RETURN_NONE;
  return to_python(*value);
}

PyObject* to_python(std::int64_t value) { return PyLong_FromLongLong(value); }
PyObject* to_python(double value) { return PyFloat_FromDouble(value); }

PyObject* to_python(const SecondCounts& counts) {
  Ref dict(PyDict_New());
  for (const SecondCounts::Second& second : counts.seconds()) {
    const Ref key(PyLong_FromLongLong(second.second));
    const Ref value(PyLong_FromLongLong(second.count));
    if (PyDict_SetItem(dict.get(), key.get(), value.get()) < 0) return nullptr;
  }
  return dict.release();
}

PyObject* to_python(const ResponseTimes& times) {
  Ref dict(PyDict_New());
  for (std::size_t i = 0; i < times.size(); ++i) {
    const ResponseTimes::Bucket bucket = times[i];
    if (bucket.count == 0) continue;
    const Ref key(to_python(bucket.response_time));
    const Ref value(PyLong_FromLongLong(bucket.count));
    if (PyDict_SetItem(dict.get(), key.get(), value.get()) < 0) return nullptr;
  }
  return dict.release();
}

// The attribute `key` of stock's StatsEntry.
PyObject* attribute(const StatsEntry& entry, const StatsEntry& total, std::string_view key) {
  if (key == "num_requests") return to_python(entry.num_requests);
  if (key == "num_failures") return to_python(entry.num_failures);
  if (key == "num_none_requests") return to_python(entry.num_none_requests);
  if (key == "total_response_time") return to_python(entry.total_response_time);
  if (key == "min_response_time") return to_python(entry.min_response_time);
  if (key == "max_response_time") return to_python(entry.max_response_time);
  if (key == "total_content_length") return to_python(entry.total_content_length);
  if (key == "start_time") return to_python(entry.start_time);
  if (key == "last_request_timestamp") return to_python(entry.last_request_timestamp);
  if (key == "fail_ratio") return to_python(entry.fail_ratio());
  if (key == "avg_response_time") return to_python(entry.avg_response_time());
  if (key == "median_response_time") return to_python(entry.median_response_time());
  if (key == "avg_content_length") return to_python(entry.avg_content_length());
  if (key == "current_rps") return to_python(entry.current_rps(total));
  if (key == "current_fail_per_sec") return to_python(entry.current_fail_per_sec(total));
  if (key == "total_rps") return to_python(entry.total_rps(total));
  if (key == "total_fail_per_sec") return to_python(entry.total_fail_per_sec(total));
  if (key == "response_times") return to_python(entry.response_times);
  if (key == "num_reqs_per_sec") return to_python(entry.num_reqs_per_sec);
  if (key == "num_fail_per_sec") return to_python(entry.num_fail_per_sec);
  PyErr_Format(PyExc_AttributeError, "StatsEntry has no attribute '%s'", std::string(key).c_str());
  return nullptr;
}

// The entry of (name, method); the total for (None, …); `nothing`, an entry of zeros, for a name
// that was never logged.
const StatsEntry& find(PyObject* name, PyObject* method, const StatsEntry& nothing) {
  if (shown_stats() == nullptr) return nothing;
  if (name == Py_None) return shown_stats()->total();
  const StatsEntry* found = shown_stats()->find(text_of(name), text_of(method));
  return found == nullptr ? nothing : *found;
}

double now() {
  const Clock* const clock = process_state().stats_clock;
  return clock == nullptr ? 0 : clock->wall_time();
}

// get(name, method, attribute)
PyObject* stats_get(PyObject*, PyObject* arguments) {
  PyObject* name = nullptr;
  PyObject* method = nullptr;
  const char* key = nullptr;
  if (PyArg_ParseTuple(arguments, "OOs", &name, &method, &key) == 0) return nullptr;
  const StatsEntry nothing("", "", now());
  const StatsEntry& total = shown_stats() == nullptr ? nothing : shown_stats()->total();
  return attribute(find(name, method, nothing), total, key);
}

// percentile(name, method, percent)
PyObject* stats_percentile(PyObject*, PyObject* arguments) {
  PyObject* name = nullptr;
  PyObject* method = nullptr;
  double percent = 0;
  if (PyArg_ParseTuple(arguments, "OOd", &name, &method, &percent) == 0) return nullptr;
  const StatsEntry nothing("", "", now());
  return to_python(find(name, method, nothing).get_response_time_percentile(percent));
}

// current_percentile(name, method, percent) -> the percentile of the last ten seconds, or None
PyObject* stats_current_percentile(PyObject*, PyObject* arguments) {
  PyObject* name = nullptr;
  PyObject* method = nullptr;
  double percent = 0;
  if (PyArg_ParseTuple(arguments, "OOd", &name, &method, &percent) == 0) return nullptr;
  const StatsEntry nothing("", "", now());
  return to_python(
      find(name, method, nothing).get_current_response_time_percentile(percent, now()));
}

// names() -> [(name, method)], in order of creation
PyObject* stats_names(PyObject*, PyObject*) {
  Ref list(PyList_New(0));
  if (shown_stats() == nullptr) return list.release();
  for (const StatsEntry& entry : shown_stats()->entries()) {
    const Ref name = to_str(entry.name);
    const Ref method = to_str(entry.method.value_or(""));
    const Ref pair(PyTuple_Pack(2, name.get(), method.get()));
    if (PyList_Append(list.get(), pair.get()) < 0) return nullptr;
  }
  return list.release();
}

// errors() -> [(key, method, name, error, occurrences)], in order of first occurrence
PyObject* stats_errors(PyObject*, PyObject*) {
  Ref list(PyList_New(0));
  if (shown_stats() == nullptr) return list.release();
  for (const auto& [key, error] : shown_stats()->errors()) {
    const Ref row(Py_BuildValue("(NNNNL)", to_str(key).release(), to_str(error.method).release(),
                                to_str(error.name).release(), to_str(error.error).release(),
                                static_cast<long long>(error.occurrences)));
    if (!row || PyList_Append(list.get(), row.get()) < 0) return nullptr;
  }
  return list.release();
}

// log(method, name, response_time or None, length, error or None)
PyObject* stats_log(PyObject*, PyObject* arguments) {
  PyObject* method = nullptr;
  PyObject* name = nullptr;
  PyObject* time = nullptr;
  PyObject* length = nullptr;
  PyObject* error = nullptr;
  if (PyArg_ParseTuple(arguments, "OOOOO", &method, &name, &time, &length, &error) == 0) {
    return nullptr;
  }
  std::optional<Number> response_time;
  if (PyLong_Check(time)) {
    response_time = Number(static_cast<std::int64_t>(PyLong_AsLongLong(time)));
  } else if (time != Py_None) {
    response_time = Number(PyFloat_AsDouble(time));
  }
  const double bytes = length == Py_None ? 0 : PyFloat_AsDouble(length);
  if (PyErr_Occurred() != nullptr) return nullptr;
  if (shown_stats() == nullptr) Py_RETURN_NONE;
  const std::string method_text = text_of(method);
  const std::string name_text = text_of(name);
  const double most = 9e18;
  shown_stats()->log_request(
      now(), method_text, name_text, response_time,
      static_cast<std::int64_t>(std::isfinite(bytes) ? std::fmin(bytes, most) : 0));
  if (error != Py_None) {
    shown_stats()->log_error(now(), method_text, name_text, masked(text_of(error)));
  }
  Py_RETURN_NONE;
}

PyObject* stats_log_error(PyObject*, PyObject* arguments) {
  PyObject* method = nullptr;
  PyObject* name = nullptr;
  PyObject* error = nullptr;
  if (PyArg_ParseTuple(arguments, "OOO", &method, &name, &error) == 0) return nullptr;
  if (shown_stats() != nullptr) {
    shown_stats()->log_error(now(), text_of(method), text_of(name), masked(text_of(error)));
  }
  Py_RETURN_NONE;
}

PyObject* stats_reset_all(PyObject*, PyObject*) {
  if (shown_stats() != nullptr) shown_stats()->reset_all(now());
  Py_RETURN_NONE;
}

PyObject* stats_clear_all(PyObject*, PyObject*) {
  if (shown_stats() != nullptr) shown_stats()->clear_all(now());
  Py_RETURN_NONE;
}

PyMethodDef stats_methods[] = {
    {"get", stats_get, METH_VARARGS, nullptr},
    {"percentile", stats_percentile, METH_VARARGS, nullptr},
    {"current_percentile", stats_current_percentile, METH_VARARGS, nullptr},
    {"names", stats_names, METH_NOARGS, nullptr},
    {"errors", stats_errors, METH_NOARGS, nullptr},
    {"log", stats_log, METH_VARARGS, nullptr},
    {"log_error", stats_log_error, METH_VARARGS, nullptr},
    {"reset_all", stats_reset_all, METH_NOARGS, nullptr},
    {"clear_all", stats_clear_all, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef stats_module = {PyModuleDef_HEAD_INIT,
                            "_locust_stats",
                            nullptr,
                            -1,
                            stats_methods,
                            nullptr,
                            nullptr,
                            nullptr,
                            nullptr};

}  // namespace

PyObject* init_stats_module() { return PyModule_Create(&stats_module); }

void show_stats(RequestStats* stats, const Clock* clock) {
  process_state().stats = stats;
  process_state().stats_clock = clock;
}

}  // namespace locust::python
