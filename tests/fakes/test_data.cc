#include "tests/fakes/test_data.h"

#include <zlib.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace locust {

std::string in_repository(const std::string& path) { return LOCUST_REPOSITORY "/" + path; }

std::string load_test_data(const std::string& name) {
  const std::string path = in_repository("tests/data/" + name);
  // gzread passes a file without gzip's magic number through unchanged, so one path serves both.
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) throw std::runtime_error("cannot open test data " + path);
  std::string content;
  std::array<char, 65536> chunk;
  int size = 0;
  while ((size = gzread(file.get(), chunk.data(), chunk.size())) > 0) {
    content.append(chunk.data(), static_cast<std::size_t>(size));
  }
  int error = Z_OK;
  gzerror(file.get(), &error);
  if (size < 0 || error != Z_OK) throw std::runtime_error("cannot decompress test data " + path);
  return content;
}

}  // namespace locust
