#include "worker/python/user_object.h"

#include <string_view>
#include <utility>

#include "worker/python/loop_state.h"

namespace locust::worker {
namespace {

using python::Ref;
using python::text_of;

const TaskList& no_tasks() {
  static const TaskList tasks;
  return tasks;
}

PyObject* python_exception(const char* name) {
  const Ref module(PyImport_ImportModule("locust.exception"));
  return module ? PyObject_GetAttrString(module.get(), name) : nullptr;
}

// Leaves User.run and everything it called.
PyObject* raise_stop_user() {
  static PyObject* const type = python_exception("StopUser");
  PyErr_SetNone(type);
  return nullptr;
}

PyObject* raise_gone() {
  PyErr_SetString(PyExc_RuntimeError, "this is not a running virtual user");
  return nullptr;
}

PyObject* user_get_state(PyObject* self, void*) {
  const PythonUser* const user = user_of(self);
  if (user == nullptr) Py_RETURN_NONE;
  return PyUnicode_FromString(user->state_name());
}

int user_set_state(PyObject* self, PyObject* value, void*) {
  PythonUser* const user = user_of(self);
  if (user == nullptr || value == nullptr) return 0;
  const std::string name = text_of(value);
  if (name == "running") user->set_state(UserState::kRunning);
  if (name == "waiting") user->set_state(UserState::kWaiting);
  if (name == "stopping") user->set_state(UserState::kStopping);
  if (name == "on_stop") user->set_state(UserState::kInOnStop);
  return 0;
}

// _begin_task(task): raises StopUser if no further task may start. A task set, which is a class,
// does not count as a task.
PyObject* user_begin_task(PyObject* self, PyObject* task) {
  PythonUser* const user = user_of(self);
  if (user == nullptr) return raise_gone();
  const bool may_begin =
      PyType_Check(task) ? user->state() != UserState::kStopping : user->begin_task();
  if (!may_begin) return raise_stop_user();
  Py_RETURN_NONE;
}

// _wait(seconds): as TaskSet.wait.
PyObject* user_wait(PyObject* self, PyObject* argument) {
  const double wait = PyFloat_AsDouble(argument);
  if (wait == -1 && PyErr_Occurred() != nullptr) return nullptr;
  PythonUser* const user = user_of(self);
  if (user == nullptr) return raise_gone();
  if (module_state.loop->hub.current() == nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "wait() is for tasks, not for threads of your own");
    return nullptr;
  }
  enum class End { kOver, kStopped, kKilled } end = End::kOver;
  try {
    user->wait_for_next_task(seconds(wait));
  } catch (const StopUser&) {
    end = End::kStopped;
  } catch (const UserKilled&) {
    end = End::kKilled;
  }
  if (end == End::kStopped) return raise_stop_user();
  if (end == End::kOver) Py_RETURN_NONE;
  module_state.loop->hub.raise();
  return nullptr;
}

// _report_exception(message, traceback): reports an exception of a task.
PyObject* user_report_exception(PyObject* self, PyObject* arguments) {
  PyObject* message = nullptr;
  PyObject* traceback = nullptr;
  if (PyArg_ParseTuple(arguments, "OO", &message, &traceback) == 0) return nullptr;
  const PythonUser* const user = user_of(self);
  if (user == nullptr) return raise_gone();
  user->report_exception(text_of(message), text_of(traceback));
  Py_RETURN_NONE;
}

PyObject* user_id(PyObject* self, void*) {
  const PythonUser* const user = user_of(self);
  if (user == nullptr) Py_RETURN_NONE;
  return PyLong_FromUnsignedLongLong(user->user_id());
}

void user_dealloc(PyObject* self) {
  if (PythonUser* const user = user_of(self); user != nullptr) user->forget_object();
  python::free_object(self);
}

PyObject* user_new(PyTypeObject* type, PyObject*, PyObject*) { return make_user_object(type); }

PyGetSetDef user_getters[] = {
    {"_state", user_get_state, user_set_state, nullptr, nullptr},
    {"_user_id", user_id, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyMethodDef user_methods[] = {
    {"_begin_task", user_begin_task, METH_O, nullptr},
    {"_wait", user_wait, METH_O, nullptr},
    {"_report_exception", user_report_exception, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot user_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(&user_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(&user_dealloc)},
    {Py_tp_getset, user_getters},
    {Py_tp_methods, user_methods},
    {0, nullptr},
};

PyType_Spec user_spec = {"_locust_worker.User", sizeof(UserObject), 0,
                         Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, user_slots};

}  // namespace

PyObject* make_user_object(PyTypeObject* type) {
  PyObject* const self = PyType_GenericAlloc(type, 0);
  if (self == nullptr) return nullptr;
  auto* const object = reinterpret_cast<UserObject*>(self);
  PythonUser* const user = module_state.user_in_creation;
  if (user != nullptr && reinterpret_cast<PyObject*>(type) == user->class_.get()) {
    module_state.user_in_creation = nullptr;
    object->user = user;
    user->object_ = object;
  }
  return self;
}

PyTypeObject* user_type() {
  static PyObject* const type = PyType_FromSpec(&user_spec);
  return reinterpret_cast<PyTypeObject*>(type);
}

PythonUser* user_of(PyObject* object) {
  if (object == nullptr || PyObject_TypeCheck(object, user_type()) == 0) return nullptr;
  return reinterpret_cast<UserObject*>(object)->user;
}

PythonUser::PythonUser(const UserEnvironment& environment, Ref user_class, Ref environment_object)
    : User(environment, no_tasks()),
      class_(std::move(user_class)),
      environment_object_(std::move(environment_object)) {}

PythonUser::~PythonUser() {
  if (object_ != nullptr) object_->user = nullptr;
}

void PythonUser::run() {
  set_state(UserState::kRunning);
  module_state.user_in_creation = this;
  Ref instance(PyObject_CallFunctionObjArgs(class_.get(), environment_object_.get(), nullptr));
  module_state.user_in_creation = nullptr;
  if (!instance) {
    report_end("__init__");
  } else if (const Ref done(PyObject_CallMethod(instance.get(), "run", nullptr)); !done) {
    report_end("run");
  }
  if (object_ != nullptr) std::exchange(object_, nullptr)->user = nullptr;
  set_state(UserState::kStopped);
}

// Handles the exception that ended the user in locust/_host.py and reports it unless it is a
// regular way to end.
void PythonUser::report_end(const char* hook) const {
  const Ref exception = python::take_exception();
  const bool in_constructor = std::string_view(hook) == "__init__";
  const Ref arguments(PyTuple_Pack(2, exception.get(), in_constructor ? Py_True : Py_False));
  const Ref told = python::call_embedded("locust._worker", "user_ended", arguments.get());
  if (!told) {
    python::report_unraisable("a user");
    return;
  }
  if (told.get() == Py_None || !environment().events.hook_failed) return;
  environment().events.hook_failed(*this, hook, text_of(PyTuple_GetItem(told.get(), 0)),
                                   text_of(PyTuple_GetItem(told.get(), 1)));
}

Duration PythonUser::wait_time(const WaitInput&) { return next_wait_; }

void PythonUser::wait_for_next_task(Duration duration) {
  if (has_run_all()) throw StopUser{};
  next_wait_ = duration;
  try {
    wait();
  } catch (const UserKilled&) {
    // The exception may be a gevent.Timeout, after which the user continues.
    if (state() == UserState::kWaiting) set_state(UserState::kRunning);
    throw;
  }
}

void PythonUser::report_exception(const std::string& message, const std::string& traceback) const {
  if (environment().events.exception) environment().events.exception(*this, message, traceback);
}

const char* PythonUser::state_name() const {
  switch (state()) {
    case UserState::kCreated:
    case UserState::kRunning:
      return "running";
    case UserState::kWaiting:
      return "waiting";
    case UserState::kStopping:
      return "stopping";
    case UserState::kInOnStop:
    case UserState::kStopped:
      return "stopped";
  }
  return "stopped";
}

}  // namespace locust::worker
