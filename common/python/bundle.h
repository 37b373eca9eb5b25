// The Python that an archive of locust-cpp brings for machines without Debian's.
#pragma once

#include <filesystem>

namespace locust::python {

// Where it is, seen from <prefix>/bin/PROGRAM: an installation, with greenlet among its packages. Empty
// where the program was installed or built without one.
std::filesystem::path bundled_python(const std::filesystem::path& program);

// The folder of its packages.
std::filesystem::path bundled_packages(const std::filesystem::path& home);

}  // namespace locust::python
