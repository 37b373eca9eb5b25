#include "worker/python/worker_module.h"

#include "common/base/log.h"
#include "common/python/user_counts.h"
#include "proto/python_value.h"
#include "worker/program.h"
#include "worker/python/loop_state.h"
#include "worker/python/module_state.h"
#include "worker/python/response_object.h"
#include "worker/python/session_object.h"
#include "worker/python/user_object.h"

namespace locust::worker {
namespace {

using python::Ref;
using python::text_of;
using python::to_str;

// set_request_listeners(bool): whether events.request has listeners.
PyObject* module_set_request_listeners(PyObject*, PyObject* wanted) {
  module_state.request_listeners = PyObject_IsTrue(wanted) == 1;
  Py_RETURN_NONE;
}

PyObject* module_stop_test(PyObject*, PyObject*) {
  if (module_state.control != nullptr) module_state.control->stop_test({});
  Py_RETURN_NONE;
}

PyObject* module_user_classes_count(PyObject*, PyObject*) {
  const LoopState* const loop = module_state.loop;
  if (loop == nullptr || loop->pool == nullptr) return PyDict_New();
  return python::to_dict(loop->pool->user_classes_count()).release();
}

// target() -> (target count of the test or None, {class: target count of this worker})
PyObject* module_target(PyObject*, PyObject*) {
  const LoopState* const loop = module_state.loop;
  if (loop == nullptr || loop->pool == nullptr) return Py_BuildValue("(O{})", Py_None);
  Ref dict = python::to_dict(loop->pool->target());
  if (!dict) return nullptr;
  const auto users = loop->pool->users_of_test();
  return Py_BuildValue("(NN)", users ? PyLong_FromLongLong(*users) : Ref::borrow(Py_None).release(),
                       dict.release());
}

// send_message(type, data)
PyObject* module_send_message(PyObject*, PyObject* arguments) {
  PyObject* type = nullptr;
  PyObject* data = nullptr;
  if (PyArg_ParseTuple(arguments, "OO", &type, &data) == 0) return nullptr;
  auto value = proto::from_python(data);
  if (!value) {
    PyErr_SetString(PyExc_TypeError, value.error().c_str());
    return nullptr;
  }
  if (module_state.control != nullptr) {
    module_state.control->send_message(text_of(type), *std::move(value));
  } else {
    log::runners().warn("The message '{}' is too late to be sent", text_of(type));
  }
  Py_RETURN_NONE;
}

PyObject* module_register_message(PyObject*, PyObject* type) {
  if (module_state.control != nullptr) module_state.control->register_message(text_of(type));
  Py_RETURN_NONE;
}

// set_stop_timeout(seconds)
PyObject* module_set_stop_timeout(PyObject*, PyObject* timeout) {
  const double wait = PyFloat_AsDouble(timeout);
  if (wait == -1 && PyErr_Occurred() != nullptr) return nullptr;
  if (module_state.control != nullptr) module_state.control->set_stop_timeout(seconds(wait));
  Py_RETURN_NONE;
}

PyMethodDef module_methods[] = {
    {"set_request_listeners", module_set_request_listeners, METH_O, nullptr},
    {"stop_test", module_stop_test, METH_NOARGS, nullptr},
    {"user_classes_count", module_user_classes_count, METH_NOARGS, nullptr},
    {"target", module_target, METH_NOARGS, nullptr},
    {"send_message", module_send_message, METH_VARARGS, nullptr},
    {"register_message", module_register_message, METH_O, nullptr},
    {"set_stop_timeout", module_set_stop_timeout, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef worker_module = {PyModuleDef_HEAD_INIT,
                             "_locust_worker",
                             nullptr,
                             -1,
                             module_methods,
                             nullptr,
                             nullptr,
                             nullptr,
                             nullptr};

}  // namespace

PyObject* init_worker_module() {
  Ref module(PyModule_Create(&worker_module));
  if (!module || PyModule_AddType(module.get(), user_type()) < 0 ||
      PyModule_AddType(module.get(), session_type()) < 0 ||
      PyModule_AddType(module.get(), response_type()) < 0) {
    return nullptr;
  }
  return module.release();
}

}  // namespace locust::worker
