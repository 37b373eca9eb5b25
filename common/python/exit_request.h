// An uncaught sys.exit() in test code. In stock it ends the process immediately; here it requests
// an orderly end of the process's part of the test, with this exit code.
#pragma once

#include <functional>
#include <optional>

namespace locust::python {

// Everything here needs the GIL.

// Test code called sys.exit() with `code`, or raised KeyboardInterrupt (nullopt), which ends the
// run and determines the exit code as Ctrl-C does. The first code wins.
void request_exit(std::optional<int> code);
bool exit_requested();
// The code of sys.exit(); nullopt if it was not called.
std::optional<int> requested_exit_code();
// Sets the handler of the first request, which is called on the thread of the request; immediately
// if there was a request already. An empty function removes the handler.
void on_exit_request(std::function<void()> handler);

}  // namespace locust::python
