#include "common/output_file.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace locust {
namespace {

Error error_of(const std::string& path) { return Error{path + ": " + std::strerror(errno)}; }

int open_empty(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view content) {
  const std::string aside = path + ".tmp";
  const int fd = open_empty(aside);
  if (fd < 0) return error_of(aside);
  bool ok = write_all(fd, content);
  // Some file systems tell only here that the disk is full.
  ok = ::close(fd) == 0 && ok;
  ok = ok && std::rename(aside.c_str(), path.c_str()) == 0;
  if (ok) return {};
  Error error = error_of(path);
  ::unlink(aside.c_str());
  return error;
}

Result<GrowingFile> GrowingFile::create(std::string path) {
  const int fd = open_empty(path);
  if (fd < 0) return error_of(path);
  return GrowingFile(std::move(path), fd);
}

GrowingFile::GrowingFile(GrowingFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}

GrowingFile::~GrowingFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> GrowingFile::append(std::string_view lines) {
  if (write_all(fd_, lines)) {
    size_ += lines.size();
    return {};
  }
  Error error = error_of(path_);
  const auto end = static_cast<off_t>(size_);
  if (::ftruncate(fd_, end) == 0) ::lseek(fd_, end, SEEK_SET);
  return error;
}

}  // namespace locust
