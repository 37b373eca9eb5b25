#include "common/python/bundle.h"

namespace locust::python {

namespace fs = std::filesystem;

// deploy/package/bundle.py creates this layout.
fs::path bundled_python(const fs::path& program) {
  const fs::path home = program.parent_path().parent_path() / "lib" / "locust-cpp" / "python";
  std::error_code ignored;
  return fs::exists(home / "lib" / "python3.11" / "os.py", ignored) ? home : fs::path();
}

fs::path bundled_packages(const fs::path& home) {
  return home / "lib" / "python3" / "dist-packages";
}

}  // namespace locust::python
