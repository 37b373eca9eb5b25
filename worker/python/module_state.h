// ModuleState: what functions of _locust_worker and the methods of its types, which know no other
// context, find of their process.
#pragma once

namespace locust::worker {

struct LoopState;
class PythonUser;
class WorkerControl;

// With the GIL held.
struct ModuleState {
  WorkerControl* control = nullptr;  // null before PythonProgram::begin and after disconnect()
  LoopState* loop = nullptr;         // between PythonProgram::enter and leave()
  PythonUser* user_in_creation = nullptr;  // whose class is being instantiated
  bool request_listeners = false;          // whether events.request has any
};

// The only mutable variable of this room, but for constants of Python.
inline constinit ModuleState module_state;

}  // namespace locust::worker
