// Digests of files, for checking whether two processes have the same files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace locust {

struct NamedFile {
  std::string name;
  std::string path;
};

struct FileDigest {
  std::string name;    // valid UTF-8 of up to kMaxFileDigestName bytes
  std::string sha256;  // kFileDigestBytes; empty: it cannot be read here, or only once, like a pipe

  bool operator==(const FileDigest&) const = default;
};

// Names are unique. If there are more than kMaxFileDigests files, the last digest covers all the
// rest.
using FileDigests = std::vector<FileDigest>;

inline constexpr std::size_t kMaxFileDigests = 100;
inline constexpr std::size_t kMaxFileDigestName = 256;
inline constexpr std::size_t kFileDigestBytes = 32;
// For a larger file, only this many bytes from its start, and its size, are digested.
inline constexpr std::size_t kMaxDigestedBytes = std::size_t{64} << 20;

// Reads all files, in this order.
FileDigests digest_files(const std::vector<NamedFile>& files);

// The names of the files that differ or that one side lacks. A file that one side cannot read is
// not compared. Such a file may refer to others, so files that this side lacks are then ignored.
std::vector<std::string> differing_files(const FileDigests& a, const FileDigests& b);

}  // namespace locust
