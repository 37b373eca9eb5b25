#include "master/python/master_module.h"

#include <algorithm>

#include "common/python/user_counts.h"
#include "master/python/python_master.h"
#include "proto/python_value.h"

namespace locust::master {
namespace {

using python::Ref;
using python::text_of;
using python::to_str;

PythonMaster* python_master = nullptr;

// Returns null with an exception set before the master exists and after its end.
Master* present_master() {
  Master* const master = python_master->master();
  if (master == nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "the runner is available from events.init on");
  }
  return master;
}

PyObject* module_state(PyObject*, PyObject*) {
  const Master* const master = python_master->master();
  if (master == nullptr) return to_str("ready").release();
  return to_str(to_string(master->state())).release();
}

PyObject* module_user_classes_count(PyObject*, PyObject*) {
  const Master* const master = python_master->master();
  if (master == nullptr) return PyDict_New();
  return python::to_dict(master->registry().user_classes_count()).release();
}

PyObject* module_target_user_classes_count(PyObject*, PyObject*) {
  const Master* const master = python_master->master();
  if (master == nullptr) return PyDict_New();
  return python::to_dict(master->target_user_classes_count()).release();
}

PyObject* module_target_user_count(PyObject*, PyObject*) {
  const Master* const master = python_master->master();
  return PyLong_FromLongLong(master == nullptr ? 0 : master->target_user_count());
}

// workers() -> [(id, state, {class: users}, CPU usage in percent, memory in bytes, liveness, whether
// its CPU usage was too high)]
PyObject* module_workers(PyObject*, PyObject*) {
  Ref list(PyList_New(0));
  const Master* const master = python_master->master();
  if (master == nullptr) return list.release();
  for (const WorkerNode* worker : master->registry().present()) {
    const Ref row(Py_BuildValue(
        "(NNNdLiN)", to_str(worker->id).release(), to_str(to_string(worker->state())).release(),
        python::to_dict(worker->user_classes_count()).release(), worker->cpu_usage,
        static_cast<long long>(worker->memory_usage), worker->liveness,
        PyBool_FromLong(worker->cpu_warning_emitted ? 1 : 0)));
    if (!row || PyList_Append(list.get(), row.get()) < 0) return nullptr;
  }
  return list.release();
}

// exceptions() -> [(count, message, traceback, [worker])]
PyObject* module_exceptions(PyObject*, PyObject*) {
  Ref list(PyList_New(0));
  const Master* const master = python_master->master();
  if (master == nullptr) return list.release();
  const SnapshotPtr snapshot = master->snapshot();
  for (const ExceptionView& exception : snapshot->exceptions) {
    const std::vector<std::string> nodes(exception.nodes.begin(), exception.nodes.end());
    const Ref row(Py_BuildValue(
        "(LNNN)", static_cast<long long>(exception.count), to_str(exception.msg).release(),
        to_str(exception.traceback).release(), python::to_list(nodes).release()));
    if (!row || PyList_Append(list.get(), row.get()) < 0) return nullptr;
  }
  return list.release();
}

// send_message(type, data, client_id or None)
PyObject* module_send_message(PyObject*, PyObject* arguments) {
  PyObject* type = nullptr;
  PyObject* data = nullptr;
  PyObject* id = nullptr;
  if (PyArg_ParseTuple(arguments, "OOO", &type, &data, &id) == 0) return nullptr;
  Master* const master = present_master();
  if (master == nullptr) return nullptr;
  auto value = proto::from_python(data);
  if (!value) {
    PyErr_SetString(PyExc_TypeError, value.error().c_str());
    return nullptr;
  }
  master->send_message(text_of(type), *value, id == Py_None ? std::string() : text_of(id));
  Py_RETURN_NONE;
}

PyObject* module_register_message(PyObject*, PyObject* type) {
  python_master->register_message(text_of(type));
  Py_RETURN_NONE;
}

// start(users, spawn rate, [class] or None)
PyObject* module_start(PyObject*, PyObject* arguments) {
  long long users = 0;
  double spawn_rate = 0;
  PyObject* names = nullptr;
  if (PyArg_ParseTuple(arguments, "LdO", &users, &spawn_rate, &names) == 0) return nullptr;
  if (present_master() == nullptr) return nullptr;
  if (users < 0 || !(spawn_rate > 0)) {
    PyErr_SetString(PyExc_ValueError, "users must be 0 or more, and the spawn rate above 0");
    return nullptr;
  }
  RunRequest request{.by = Requester::kTestCode,
                     .form = {.user_count = users, .spawn_rate = spawn_rate},
                     .chooses_classes = names != Py_None};
  for (Py_ssize_t i = 0; names != Py_None && i < PyList_Size(names); ++i) {
    request.form.user_classes.push_back(text_of(PyList_GetItem(names, i)));
  }
  python_master->start(request);
  Py_RETURN_NONE;
}

PyObject* module_stop(PyObject*, PyObject*) {
  if (present_master() == nullptr) return nullptr;
  python_master->stop();
  Py_RETURN_NONE;
}

PyObject* module_quit(PyObject*, PyObject*) {
  if (present_master() == nullptr) return nullptr;
  python_master->quit();
  Py_RETURN_NONE;
}

// set_host(host or "")
PyObject* module_set_host(PyObject*, PyObject* host) {
  if (python_master->master() != nullptr) python_master->set_host(text_of(host));
  Py_RETURN_NONE;
}

PyObject* module_shape_chosen(PyObject*, PyObject*) {
  if (python_master->master() != nullptr) python_master->shape_chosen();
  Py_RETURN_NONE;
}

// set_stop_timeout(seconds)
PyObject* module_set_stop_timeout(PyObject*, PyObject* timeout) {
  const double seconds = PyFloat_AsDouble(timeout);
  if (seconds == -1 && PyErr_Occurred() != nullptr) return nullptr;
  Master* const master = python_master->master();
  if (master != nullptr) master->set_stop_timeout(std::max(seconds, 0.0));
  Py_RETURN_NONE;
}

// set_resets_stats(bool)
PyObject* module_set_resets_stats(PyObject*, PyObject* resets) {
  Master* const master = python_master->master();
  if (master != nullptr) master->set_resets_stats(PyObject_IsTrue(resets) == 1);
  Py_RETURN_NONE;
}

PyMethodDef master_methods[] = {
    {"state", module_state, METH_NOARGS, nullptr},
    {"user_classes_count", module_user_classes_count, METH_NOARGS, nullptr},
    {"target_user_classes_count", module_target_user_classes_count, METH_NOARGS, nullptr},
    {"target_user_count", module_target_user_count, METH_NOARGS, nullptr},
    {"workers", module_workers, METH_NOARGS, nullptr},
    {"exceptions", module_exceptions, METH_NOARGS, nullptr},
    {"send_message", module_send_message, METH_VARARGS, nullptr},
    {"register_message", module_register_message, METH_O, nullptr},
    {"set_host", module_set_host, METH_O, nullptr},
    {"shape_chosen", module_shape_chosen, METH_NOARGS, nullptr},
    {"set_stop_timeout", module_set_stop_timeout, METH_O, nullptr},
    {"set_resets_stats", module_set_resets_stats, METH_O, nullptr},
    {"start", module_start, METH_VARARGS, nullptr},
    {"stop", module_stop, METH_NOARGS, nullptr},
    {"quit", module_quit, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef master_module = {PyModuleDef_HEAD_INIT,
                             "_locust_master",
                             nullptr,
                             -1,
                             master_methods,
                             nullptr,
                             nullptr,
                             nullptr,
                             nullptr};

PyObject* init_master_module() { return PyModule_Create(&master_module); }

}  // namespace

void add_master_module(PythonMaster& master) {
  python_master = &master;
  PyImport_AppendInittab("_locust_master", &init_master_module);
}

}  // namespace locust::master
