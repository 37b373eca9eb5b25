#include "common/base/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace locust {
namespace {

constexpr mode_t kNewFile = 0666;  // less the umask
constexpr mode_t kPermissions = 07777;

Error error_of(const std::string& path, int error) {
  return Error{path + ": " + file_error_text(error)};
}

// Returns 0 or the error; `written` counts the bytes.
int write_all(int fd, std::string_view bytes, std::size_t& written) {
  while (written < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + written, bytes.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    written += static_cast<std::size_t>(n);
  }
  return 0;
}

// Some file systems report only at the end that the disk is full.
int write_and_close(FileDescriptor file, std::string_view content) {
  std::size_t written = 0;
  int error = write_all(file.get(), content, written);
  // On Linux the descriptor is closed in any case.
  if (::close(file.release()) != 0 && error == 0) error = errno;
  return error;
}

bool has_access_list(const std::string& path) {
  return ::getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
}

// Whether a rename may replace the existing file.
bool is_replaceable(const std::string& path, const struct stat& there) {
  return S_ISREG(there.st_mode) && there.st_nlink == 1 && !has_access_list(path) &&
         ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

// Does not follow links, which others may have created. Replaces the remains of an earlier run.
FileDescriptor create_aside(const std::string& aside) {
  const auto create = [&aside] {
    return FileDescriptor(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFile));
  };
  FileDescriptor file = create();
  struct stat left {};
  if (file.is_open() || errno != EEXIST || ::lstat(aside.c_str(), &left) != 0) return file;
  if (!S_ISREG(left.st_mode) || left.st_uid != ::geteuid()) return file;
  ::unlink(aside.c_str());
  return create();
}

bool take_over(int fd, const struct stat& there) {
  struct stat own {};
  if (::fstat(fd, &own) != 0) return false;
  const bool same_owner = own.st_uid == there.st_uid && own.st_gid == there.st_gid;
  if (!same_owner && ::fchown(fd, there.st_uid, there.st_gid) != 0) return false;
  return ::fchmod(fd, there.st_mode & kPermissions) == 0;
}

// Writes by a rename. `there` describes the existing file; may be null. Returns nullopt if a rename
// is not possible, otherwise the error or 0.
std::optional<int> write_aside(const std::string& path, std::string_view content,
                               const struct stat* there) {
  const std::string aside = path + ".tmp";
  FileDescriptor file = create_aside(aside);
  if (!file.is_open()) return std::nullopt;
  std::optional<int> result;
  if (there == nullptr || take_over(file.get(), *there)) {
    result = write_and_close(std::move(file), content);
    if (result == 0) {
      if (std::rename(aside.c_str(), path.c_str()) == 0) return 0;
      result.reset();  // a mount, or a folder whose files only their owners may rename
    }
  }
  ::unlink(aside.c_str());
  return result;
}

int write_in_place(const std::string& path, std::string_view content) {
  // A named pipe without a reader must not block the end of a run.
  FileDescriptor file(::open(
      path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, kNewFile));
  if (!file.is_open()) return errno;
  const int flags = ::fcntl(file.get(), F_GETFL);
  if (::fcntl(file.get(), F_SETFL, flags & ~O_NONBLOCK) != 0) return errno;
  return write_and_close(std::move(file), content);
}

}  // namespace

std::string file_error_text(int error) {
  if (error == EFBIG) return "the limit of file sizes is reached (ulimit -f)";
  if (error == EMFILE) return "the limit of open files is reached (ulimit -n)";
  if (error == ENXIO) return "this pipe has no reader";
  return std::strerror(error);
}

Result<void> create_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return Error{folder.string() + ": " + error.message()};
  return {};
}

Result<void> replace_file(const std::string& path, std::string_view content) {
  struct stat there {};
  const bool exists = ::lstat(path.c_str(), &there) == 0;
  std::optional<int> error;
  if (!exists || is_replaceable(path, there)) {
    error = write_aside(path, content, exists ? &there : nullptr);
  }
  if (!error) error = write_in_place(path, content);
  if (*error != 0) return error_of(path, *error);
  return {};
}

Result<GrowingFile> GrowingFile::open(std::string path, Start start) {
  const int flags = start == Start::kEmpty ? O_TRUNC : 0;
  FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC | flags, kNewFile));
  if (!file.is_open()) return error_of(path, errno);
  return GrowingFile(std::move(path), std::move(file));
}

Result<void> GrowingFile::append(std::string_view lines) {
  struct stat before {};
  ::fstat(file_.get(), &before);
  std::size_t written = 0;
  const int error = write_all(file_.get(), lines, written);
  if (error == 0) return {};
  // Unless another process has appended to the file meanwhile.
  const off_t end = before.st_size + static_cast<off_t>(written);
  struct stat after {};
  const bool is_ours =
      ::fstat(file_.get(), &after) == 0 && S_ISREG(after.st_mode) && after.st_size == end;
  if (is_ours && ::ftruncate(file_.get(), before.st_size) != 0) {
    return Error{path_ + ": its last line is cut: " + file_error_text(errno)};
  }
  return error_of(path_, error);
}

}  // namespace locust
