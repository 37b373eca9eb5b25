// The texts of Python's socket errors, which are part of stock's failure texts.
#pragma once

#include <string>

namespace locust::worker {

// repr() of Python's OSError for an errno: "ConnectionRefusedError(111, 'Connection refused')",
// "OSError(113, 'No route to host')".
std::string python_os_error(int error_number);

}  // namespace locust::worker
