#include "worker/http/body_reader.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "worker/http/os_error.h"

namespace locust::worker {
namespace {

Failure file_failure(int error_number) {
  return {HttpErrorKind::kBodyFile, python_os_error(error_number)};
}

// Refuses pipes and devices, which may never return data.
std::optional<Failure> measure(const std::string& path, std::uint64_t& size) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return file_failure(errno);
  if (S_ISDIR(info.st_mode)) return file_failure(EISDIR);
  if (!S_ISREG(info.st_mode)) {
    return Failure{HttpErrorKind::kBodyFile, "OSError('the body is not a regular file')"};
  }
  size = static_cast<std::uint64_t>(info.st_size);
  return std::nullopt;
}

}  // namespace

std::optional<Failure> BodyReader::begin(const std::vector<HttpBodyPart>& parts) {
  parts_ = &parts;
  ends_.clear();
  failure_.reset();
  std::uint64_t end = 0;
  for (const HttpBodyPart& part : parts) {
    std::uint64_t size = part.text.size();
    if (!part.file.empty()) {
      if (auto failure = measure(part.file, size)) return failure;
    }
    ends_.push_back(end += size);
  }
  seek(0);
  return std::nullopt;
}

bool BodyReader::seek(std::uint64_t offset) {
  if (offset > size()) return false;
  file_.close();
  offset_ = offset;
  part_ = 0;
  return true;
}

std::optional<std::size_t> BodyReader::read(std::span<char> into) {
  while (part_ < ends_.size() && offset_ >= ends_[part_]) {
    file_.close();
    ++part_;
  }
  if (part_ == ends_.size()) return 0;
  const HttpBodyPart& part = (*parts_)[part_];
  const std::uint64_t at = offset_ - (part_ == 0 ? 0 : ends_[part_ - 1]);
  const auto left = std::min<std::uint64_t>(into.size(), ends_[part_] - offset_);
  std::optional<std::size_t> got;
  if (part.file.empty()) {
    got = part.text.copy(into.data(), left, at);
  } else {
    got = read_file(into.first(left), at);
  }
  offset_ += got.value_or(0);
  return got;
}

std::optional<std::size_t> BodyReader::read_file(std::span<char> into, std::uint64_t offset) {
  if (!file_.is_open()) {
    // Without O_NONBLOCK a pipe that has replaced the file would block the loop.
    file_ = FileDescriptor(
        ::open((*parts_)[part_].file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file_.is_open()) {
      failure_ = file_failure(errno);
      return std::nullopt;
    }
    ::posix_fadvise(file_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  const ssize_t got = ::pread(file_.get(), into.data(), into.size(), static_cast<off_t>(offset));
  if (got > 0) return static_cast<std::size_t>(got);
  failure_ = got < 0 ? file_failure(errno)
                     : Failure{HttpErrorKind::kBodyFile,
                               "OSError('the file became shorter while it was sent')"};
  return std::nullopt;
}

}  // namespace locust::worker
