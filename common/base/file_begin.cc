#include "common/base/file_begin.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace locust {
namespace {

constexpr std::size_t kChunk = 64U << 10;

}  // namespace

Result<std::string> read_begin_of_file(const std::string& path, std::size_t bytes) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return Error{path + ": is a directory"};
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  while (file && text.size() < bytes) {
    const std::size_t had = text.size();
    text.resize(had + std::min(kChunk, bytes - had));
    file.read(text.data() + had, static_cast<std::streamsize>(text.size() - had));
    text.resize(had + static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad() || !file.is_open()) {
    return Error{path + ": cannot be read: " + std::strerror(errno)};
  }
  text.shrink_to_fit();
  return text;
}

}  // namespace locust
