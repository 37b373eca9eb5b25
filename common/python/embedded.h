// The Python sources of our own packages, embedded in the program.
#pragma once

#include <span>
#include <string_view>

namespace locust::python {

struct EmbeddedFile {
  std::string_view path;  // below common/python/packages: "locust/user/task.py"
  std::string_view text;
};

std::span<const EmbeddedFile> embedded_files();

}  // namespace locust::python
