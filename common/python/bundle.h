// The Python of an archive of locust-cpp, for machines without Debian's.
#pragma once

#include <filesystem>

namespace locust::python {

// Returns the Python installation that belongs to <prefix>/bin/PROGRAM; its packages include
// greenlet. Empty if the program was installed or built without one.
std::filesystem::path bundled_python(const std::filesystem::path& program);

// The folder of its packages.
std::filesystem::path bundled_packages(const std::filesystem::path& home);

}  // namespace locust::python
