// The product's version.
#pragma once

#include <string_view>

namespace locust {

// As in CMakeLists.txt's project().
extern const std::string_view kVersion;

}  // namespace locust
