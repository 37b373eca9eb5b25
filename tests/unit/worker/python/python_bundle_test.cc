#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "common/python/bundle.h"

namespace locust::python {
namespace {

namespace fs = std::filesystem;

class PythonBundleTest : public testing::Test {
 protected:
  PythonBundleTest() { fs::create_directories(home_ / "lib" / "python3.11"); }
  ~PythonBundleTest() override { fs::remove_all(prefix_); }

  const fs::path prefix_ =
      fs::temp_directory_path() / ("locust_bundle_test_" + std::to_string(::getpid()));
  const fs::path home_ = prefix_ / "lib" / "locust-cpp" / "python";
};

TEST_F(PythonBundleTest, AStandardLibraryBesideTheProgramIsFound) {
  std::ofstream(home_ / "lib" / "python3.11" / "os.py") << "\n";
  EXPECT_EQ(bundled_python(prefix_ / "bin" / "locust-worker"), home_);
  EXPECT_EQ(bundled_packages(home_), home_ / "lib" / "python3" / "dist-packages");
}

TEST_F(PythonBundleTest, WithoutOneTheSystemsPythonServes) {
  EXPECT_TRUE(bundled_python(prefix_ / "bin" / "locust-worker").empty());
  EXPECT_TRUE(bundled_python("").empty());
}

}  // namespace
}  // namespace locust::python
