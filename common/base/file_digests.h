// Files by name and content, so that two processes can tell whether they have the same ones.
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
  std::string sha256;  // kFileDigestBytes; empty: it cannot be read here, or only once, as a pipe

  bool operator==(const FileDigest&) const = default;
};

// Names are unique. Of more files than kMaxFileDigests the last digest stands for all that are left.
using FileDigests = std::vector<FileDigest>;

inline constexpr std::size_t kMaxFileDigests = 100;
inline constexpr std::size_t kMaxFileDigestName = 256;
inline constexpr std::size_t kFileDigestBytes = 32;
// Of a larger file, so much of its begin and its size are digested.
inline constexpr std::size_t kMaxDigestedBytes = std::size_t{64} << 20;

// Reads all of them, in this order.
FileDigests digest_files(const std::vector<NamedFile>& files);

// The names of the files that differ or that one side lacks. What one side cannot read is not compared; and as it may
// name other files, what that side lacks does not count.
std::vector<std::string> differing_files(const FileDigests& a, const FileDigests& b);

}  // namespace locust
