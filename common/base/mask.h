// Mask: removes secrets from all texts that people see: evidence of failures, failure texts,
// exceptions, the log, --dry-run, --samples, and everything that a master shows.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/credential_scanner.h"
#include "common/base/result.h"

namespace re2 {
class RE2;
}

namespace locust {

// Masks the credentials that mask_credentials() finds, and declared secrets. Const members are
// thread-safe.
class Masker {
 public:
  static constexpr std::size_t kMaxSecrets = 256;  // the oldest are dropped
  static constexpr std::size_t kMaxSecretBytes = std::size_t{64} << 10;

  // A value that must never be shown: literally, percent-encoded, in base64 (as in Basic
  // authentication), or as JSON, Python and HTML write it. A value of fewer than four bytes is
  // masked only where no letter or digit is next to it. Empty and longer values are ignored, and so
  // are true, false, none and null.
  void add_secret(std::string_view value);
  // Masks the matches of a regular expression (RE2, hence in linear time), or of its groups if it
  // has any. The error describes the fault of the expression.
  Result<void> add_pattern(const std::string& regex);

  // Returns the text with secrets masked. `is_cut` is that of mask_credentials().
  std::string masked(std::string_view text, TextKind kind = TextKind::kLine,
                     bool is_cut = false) const;
  // Masks only declared secrets: for names of requests, whose rows must be stock's.
  std::string without_declared(std::string_view text, bool is_cut = false) const;
  bool knows(std::string_view secret) const;
  bool has_declared() const { return !forms_.empty() || !patterns_.empty(); }

 private:
  std::vector<std::string> secrets_;
  std::vector<std::string> forms_;  // of the secrets, the longest first
  std::vector<std::shared_ptr<const re2::RE2>> patterns_;
};

// The process's masker, configured by options and arguments. Thread-safe.
std::shared_ptr<const Masker> masker();
void set_masker(Masker masker);
// Adds values to the process's masker for its whole life: a later test may still show values of an
// earlier one.
void add_secrets(const std::vector<std::string>& values);

// Masks with the process's masker.
std::string masked(std::string_view text, TextKind kind = TextKind::kLine, bool is_cut = false);

// The first `most` bytes of the text, masked. kMaskAhead bytes more are examined, so that a secret
// across the cut is found and its first half is not shown.
inline constexpr std::size_t kMaskAhead = 1024;
std::string masked_head(std::string_view text, std::size_t most, TextKind kind = TextKind::kLine,
                        bool is_cut = false);

}  // namespace locust
