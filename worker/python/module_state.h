// ModuleState: the process-wide state of the module _locust_worker. Its functions and the methods
// of its types have no other context.
#pragma once

namespace locust::worker {

struct LoopState;
class PythonUser;
class WorkerControl;

// Guarded by the GIL.
struct ModuleState {
  WorkerControl* control = nullptr;  // null before PythonProgram::begin and after disconnect()
  LoopState* loop = nullptr;         // null outside PythonProgram::enter to leave()
  PythonUser* user_in_creation = nullptr;  // the user whose class is being instantiated
  bool request_listeners = false;          // events.request has listeners
};

// The only mutable global of this room, apart from Python's constants.
inline constinit ModuleState module_state;

}  // namespace locust::worker
