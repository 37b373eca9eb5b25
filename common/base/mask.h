// Mask: the one rule by which texts that people see are freed of secrets: evidence of failures,
// failure texts, exceptions, the log, --dry-run, --samples, and all that a master shows.
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

// What is masked: always what mask_credentials() finds, and what was declared a secret. Const calls
// are thread-safe.
class Masker {
 public:
  static constexpr std::size_t kMaxSecrets = 256;  // the oldest are dropped
  static constexpr std::size_t kMaxSecretBytes = std::size_t{64} << 10;

  // A value that must not be shown wherever it occurs: as it is, percent-encoded, in base64 (as
  // within Basic authentication), and as JSON, Python and HTML write it. One of less than four
  // bytes counts only where no letter or digit is beside it. An empty or longer one is ignored, and
  // so are true, false, none and null.
  void add_secret(std::string_view value);
  // What the regular expression (RE2, hence in linear time) matches; if it has groups, what they
  // match. The error says what is wrong with it.
  Result<void> add_pattern(const std::string& regex);

  // The text as it may be shown; `is_cut` as for mask_credentials().
  std::string masked(std::string_view text, TextKind kind = TextKind::kLine,
                     bool is_cut = false) const;
  // Masks only what was declared: for names of requests, whose rows must be stock's.
  std::string without_declared(std::string_view text, bool is_cut = false) const;
  bool knows(std::string_view secret) const;
  bool has_declared() const { return !forms_.empty() || !patterns_.empty(); }

 private:
  std::vector<std::string> secrets_;
  std::vector<std::string> forms_;  // of the secrets, the longest first
  std::vector<std::shared_ptr<const re2::RE2>> patterns_;
};

// The process's masker, which options and arguments fill. Thread-safe.
std::shared_ptr<const Masker> masker();
void set_masker(Masker masker);
// Adds values to the process's masker, which stay for its life: what they were in an earlier test
// may still be shown in a later one.
void add_secrets(const std::vector<std::string>& values);

// By the process's masker.
std::string masked(std::string_view text, TextKind kind = TextKind::kLine, bool is_cut = false);

// The first `most` bytes of the text, masked. It is looked at kMaskAhead bytes further, so that a
// secret that stands across the end is found, and a longer one does not show its first half.
inline constexpr std::size_t kMaskAhead = 1024;
std::string masked_head(std::string_view text, std::size_t most, TextKind kind = TextKind::kLine,
                        bool is_cut = false);

}  // namespace locust
