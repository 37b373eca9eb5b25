#include "worker/http/python_repr.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

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
    default:
      return "OSError";
  }
}

}  // namespace

std::string python_repr(std::string_view text) {
  const bool doubled =
      text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  const char quote = doubled ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 5> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02x", byte);
      out += escape.data();
    } else {
      out += c;
    }
  }
  out += quote;
  return out;
}

std::string python_os_error(int error_number) {
  return std::string(os_error_class(error_number)) + "(" + std::to_string(error_number) + ", " +
         python_repr(std::generic_category().message(error_number)) + ")";
}

}  // namespace locust::worker
