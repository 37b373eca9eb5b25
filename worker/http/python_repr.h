// Python's repr() of the values that stand in stock's failure texts.
#pragma once

#include <string>
#include <string_view>

namespace locust::worker {

// repr(str): single quotes, or double ones if the text holds only single ones; control characters
// escaped. Bytes of 0x80 and more pass as they are.
std::string python_repr(std::string_view text);

// repr() of the OSError that Python makes of an errno: "ConnectionRefusedError(111, 'Connection
// refused')", "OSError(113, 'No route to host')".
std::string python_os_error(int error_number);

}  // namespace locust::worker
