// Names of HTTP headers and schemes, which compare without case.
#pragma once

#include <strings.h>

#include <string_view>

namespace locust::worker {

inline bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace locust::worker
