#include "worker/scenario/scenario_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>

#include "common/base/file_descriptor.h"

namespace locust::worker {
namespace {

// Offsets into a file in memory have 32 bits.
constexpr std::size_t kMaxBytes = std::numeric_limits<std::uint32_t>::max();

Error unreadable(const std::string& path, const std::string& why) {
  Error error{path + " cannot be read: " + why};
  if (std::filesystem::path(path).is_relative()) {
    error.message += "; paths are relative to the folder of the scenario file";
  }
  return error;
}

}  // namespace

std::optional<Error> unsendable(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || ::access(path.c_str(), R_OK) != 0) {
    return unreadable(path, std::strerror(errno));
  }
  if (!S_ISREG(info.st_mode)) return unreadable(path, "it is not a regular file");
  return std::nullopt;
}

Result<std::string> read_scenario_file(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return unreadable(path, std::strerror(errno));
  struct stat info {};
  if (::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) &&
      static_cast<std::uint64_t>(info.st_size) > kMaxBytes) {
    return unreadable(path, "it is larger than 4 GiB");
  }
  // Pipes have no size; one byte more than a regular file's finds its end without a second read.
  std::string text(static_cast<std::size_t>(std::max<off_t>(info.st_size, 0)) + 1, '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(path, std::strerror(errno));
    size += static_cast<std::size_t>(got);
    if (got == 0) break;
    if (size > kMaxBytes) return unreadable(path, "it is larger than 4 GiB");
    if (size == text.size()) text.resize(size * 2);
  }
  text.resize(size);
  return text;
}

}  // namespace locust::worker
