// PythonUser: a virtual user whose class is written in Python. _locust_worker.User is the base of
// that class.
#pragma once

#include "common/python/ref.h"
#include "worker/user/user.h"

namespace locust::worker {

class PythonUser;

// The base of locust.User. `user` is null for an instance that Python code created itself, which is
// not a virtual user, and after the user's end.
struct UserObject {
  PyObject_HEAD PythonUser* user;
};

// The type, to be subclassed in Python. Created once per process.
PyTypeObject* user_type();

PyObject* make_user_object(PyTypeObject* type);

// Returns the virtual user of an object; null if it has none.
PythonUser* user_of(PyObject* object);

// Lives as long as its greenlet. Its behaviour is User.run of locust/user/users.py, which follows
// the transition table of UserState.
class PythonUser final : public User {
 public:
  // `user_class` is the class to instantiate; `environment_object` is the argument of its __init__.
  PythonUser(const UserEnvironment& environment, python::Ref user_class,
             python::Ref environment_object);
  ~PythonUser() override;

  void run() override;
  Duration wait_time(const WaitInput& in) override;

  // --- For the methods of UserObject.
  const char* state_name() const;
  using User::begin_task;
  using User::set_state;
  // The same as TaskSet::wait.
  void wait_for_next_task(Duration duration);
  const RequestEvent& request_event() const { return environment().events.request; }
  void report_exception(const std::string& message, const std::string& traceback) const;
  // The Python object is destroyed before its user if __init__ failed.
  void forget_object() { object_ = nullptr; }

 private:
  friend PyObject* make_user_object(PyTypeObject* type);

  void report_end(const char* hook) const;

  python::Ref class_;
  python::Ref environment_object_;
  UserObject* object_ = nullptr;
  Duration next_wait_{};
};

}  // namespace locust::worker
