// An uncaught sys.exit() in test code. In stock it ends the process immediately; here the process
// is asked to end its part of the test in order, and keeps the exit code.
#pragma once

#include <functional>
#include <optional>

namespace locust::python {

// All of this needs the GIL.

// Test code has called sys.exit() with `code`, or raised KeyboardInterrupt (nullopt), which ends
// the run as Ctrl-C does and leaves the exit code to it. The first code wins.
void request_exit(std::optional<int> code);
bool exit_requested();
// The code of sys.exit(); nullopt if it was not called.
std::optional<int> requested_exit_code();
// `handler` is called for the first request, on its thread; at once if that was made already. An
// empty one removes it.
void on_exit_request(std::function<void()> handler);

}  // namespace locust::python
