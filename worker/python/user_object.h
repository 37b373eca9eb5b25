// PythonUser: a virtual user whose class is Python's, and _locust_worker.User, the base of that class.
#pragma once

#include "common/python/ref.h"
#include "worker/user/user.h"

namespace locust::worker {

class PythonUser;

// The base of locust.User. `user` is null where Python code makes an instance that is no virtual
// user, and after the user's end.
struct UserObject {
  PyObject_HEAD PythonUser* user;
};

// The type, to be subclassed in Python; once per process.
PyTypeObject* user_type();

PyObject* make_user_object(PyTypeObject* type);

// The virtual user of an object; null if it has none.
PythonUser* user_of(PyObject* object);

// Lives as long as its greenlet. What it does is Python's: User.run of locust/user/users.py, which
// keeps to the table of UserState.
class PythonUser final : public User {
 public:
  // `user_class` is the class to instantiate; `environment_object` what it is given.
  PythonUser(const UserEnvironment& environment, python::Ref user_class,
             python::Ref environment_object);
  ~PythonUser() override;

  void run() override;
  Duration wait_time(const WaitInput& in) override;

  // --- For the methods of UserObject.
  const char* state_name() const;
  using User::begin_task;
  using User::set_state;
  // As TaskSet::wait.
  void wait_for_next_task(Duration duration);
  const RequestEvent& request_event() const { return environment().events.request; }
  void report_exception(const std::string& message, const std::string& traceback) const;
  // It is gone before its user, whose __init__ has failed.
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
