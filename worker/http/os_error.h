// The errors of Python's socket calls, which are part of stock's failure texts.
#pragma once

#include <string>

namespace locust::worker {

// repr() of the OSError that Python makes of an errno: "ConnectionRefusedError(111, 'Connection
// refused')", "OSError(113, 'No route to host')".
std::string python_os_error(int error_number);

}  // namespace locust::worker
