// Reads files of unknown size.
#pragma once

#include <cstddef>
#include <string>

#include "common/base/result.h"

namespace locust {

// The first `bytes` bytes of a file, or all of a smaller one. A caller with a limit asks for one
// byte more. Errors name the path.
Result<std::string> read_begin_of_file(const std::string& path, std::size_t bytes);

}  // namespace locust
