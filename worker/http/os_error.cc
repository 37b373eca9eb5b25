#include "worker/http/os_error.h"

#include <cerrno>
#include <cstring>
#include <string_view>

#include "common/base/python_repr.h"

namespace locust::worker {
namespace {

// The subclasses of OSError that Python chooses by errno.
std::string_view os_error_class(int error_number) {
  switch (error_number) {
    case ECONNREFUSED:
      return "ConnectionRefusedError";
    case ECONNRESET:
      return "ConnectionResetError";
    case ECONNABORTED:
      return "ConnectionAbortedError";
    case EPIPE:
      return "BrokenPipeError";
    case ETIMEDOUT:
      return "TimeoutError";
    case EACCES:
    case EPERM:
      return "PermissionError";
    case ENOENT:
      return "FileNotFoundError";
    case EISDIR:
      return "IsADirectoryError";
    default:
      return "OSError";
  }
}

}  // namespace

std::string python_os_error(int error_number) {
  const char* known = ::strerrordesc_np(error_number);
  const std::string message = known ? known : "Unknown error " + std::to_string(error_number);
  return std::string(os_error_class(error_number)) + "(" + std::to_string(error_number) + ", " +
         python_repr(message) + ")";
}

}  // namespace locust::worker
