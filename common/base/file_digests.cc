#include "common/base/file_digests.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "common/base/file_descriptor.h"
#include "common/base/utf8.h"

namespace locust {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
constexpr std::size_t kMaxNumberBytes = 16;  // of " (2)" after a name

class Sha256 {
 public:
  Sha256() { check(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)); }

  void add(std::string_view bytes) {
    check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
  }
  std::string finish() {
    std::string digest(kFileDigestBytes, '\0');
    check(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()),
                             nullptr));
    return digest;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  // Only an OpenSSL without SHA-256, or a process without memory, can fail.
  static void check(int ok) {
    if (ok != 1) std::abort();
  }

  std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

// Empty if the file cannot be read. Does not open a pipe, which has another reader.
std::string digest_file(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return {};
  Sha256 sha256;
  std::string block(kBlockBytes, '\0');
  std::size_t left = kMaxDigestedBytes;
  while (left > 0) {
    const ssize_t got = ::read(file.get(), block.data(), std::min(block.size(), left));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {};
    if (got == 0) return sha256.finish();
    sha256.add(std::string_view(block).substr(0, static_cast<std::size_t>(got)));
    left -= static_cast<std::size_t>(got);
  }
  sha256.add(std::to_string(info.st_size));
  return sha256.finish();
}

// Scenario files in different folders may refer to two files by the same path.
std::string unique_name(const std::string& name, std::set<std::string>& taken) {
  const std::string repaired = repair_utf8(name);
  const std::string text(cut_utf8(repaired, kMaxFileDigestName - kMaxNumberBytes));
  std::string unique = text;
  for (int i = 2; !taken.insert(unique).second; ++i) {
    unique = text + " (" + std::to_string(i) + ")";
  }
  return unique;
}

// One digest for all from `begin` on.
FileDigest fold_digests(const FileDigests& digests, std::size_t begin) {
  FileDigest folded{std::to_string(digests.size() - begin) + " more files", {}};
  Sha256 sha256;
  for (std::size_t i = begin; i < digests.size(); ++i) {
    if (digests[i].sha256.empty()) return folded;
    sha256.add(digests[i].name);
    sha256.add(digests[i].sha256);
  }
  folded.sha256 = sha256.finish();
  return folded;
}

const FileDigest* find_digest(const FileDigests& digests, const std::string& name) {
  const auto it = std::ranges::find(digests, name, &FileDigest::name);
  return it == digests.end() ? nullptr : &*it;
}

bool all_readable(const FileDigests& digests) {
  return std::ranges::none_of(digests, &std::string::empty, &FileDigest::sha256);
}

bool digests_differ(const FileDigest& a, const FileDigest& b) {
  return !a.sha256.empty() && !b.sha256.empty() && a.sha256 != b.sha256;
}

}  // namespace

FileDigests digest_files(const std::vector<NamedFile>& files) {
  FileDigests digests;
  std::set<std::string> names;
  for (const NamedFile& file : files) {
    digests.push_back({unique_name(file.name, names), digest_file(file.path)});
  }
  if (digests.size() > kMaxFileDigests) {
    FileDigest rest = fold_digests(digests, kMaxFileDigests - 1);
    digests.resize(kMaxFileDigests - 1);
    digests.push_back(std::move(rest));
  }
  return digests;
}

std::vector<std::string> differing_files(const FileDigests& a, const FileDigests& b) {
  std::vector<std::string> names;
  for (const FileDigest& file : a) {
    const FileDigest* other = find_digest(b, file.name);
    if (other == nullptr ? all_readable(b) : digests_differ(file, *other))
      names.push_back(file.name);
  }
  if (!all_readable(a)) return names;
  for (const FileDigest& file : b) {
    if (find_digest(a, file.name) == nullptr) names.push_back(file.name);
  }
  return names;
}

}  // namespace locust
