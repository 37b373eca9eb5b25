#include "common/base/credential_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "common/base/text.h"

namespace locust {
namespace {

constexpr std::size_t kMaxName = 128;  // bytes

// Credentials anywhere in the name, whatever separates its words.
constexpr std::array<std::string_view, 26> kParts = {
    "token",      "secret",       "password",     "passwd",          "passphrase",    "passcode",
    "apikey",     "accesskey",    "privatekey",   "signingkey",      "encryptionkey", "masterkey",
    "accountkey", "sharedkey",    "functionskey", "subscriptionkey", "licensekey",    "credential",
    "cookie",     "samlresponse", "assertion",    "verifier",        "session",       "sessid",
    "signature",  "authorization"};

// Credentials as a word of the name.
constexpr std::array<std::string_view, 14> kCredentialWords = {
    "auth", "authentication", "pwd", "pass", "pin", "otp", "totp", "cvv", "cvc", "sid", "sig",
    "jwt",  "csrf",           "xsrf"};

// A name that ends with one of these describes or counts credentials.
constexpr std::array<std::string_view, 27> kHarmlessEnds = {
    "type",     "types",   "error",  "errors", "exception",  "warning", "expires",
    "expired",  "expiry",  "age",    "ttl",    "timeout",    "count",   "length",
    "size",     "limit",   "policy", "alg",    "algorithm",  "method",  "endpoint",
    "required", "enabled", "valid",  "status", "expiration", "lifetime"};

// "… key" is a credential unless it is a key of another kind.
constexpr std::array<std::string_view, 13> kHarmlessKeys = {
    "primary",     "foreign", "public", "sort",   "partition", "routing", "cache",
    "idempotency", "group",   "index",  "unique", "hash",      "range"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// "X-APIKey" as "x api key".
std::string words_of(std::string_view name) {
  std::string words;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_lower(c) && !is_upper(c) && !is_digit(c)) {
      if (!words.empty() && words.back() != ' ') words += ' ';
      continue;
    }
    const bool after_lower = i > 0 && (is_lower(name[i - 1]) || is_digit(name[i - 1]));
    const bool before_lower = i + 1 < name.size() && is_lower(name[i + 1]);
    const bool after_upper = i > 0 && is_upper(name[i - 1]);
    if (is_upper(c) && (after_lower || (after_upper && before_lower))) words += ' ';
    words += is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  while (words.ends_with(' ')) words.pop_back();
  return words;
}

std::string_view last_word(std::string_view words) {
  const std::size_t blank = words.rfind(' ');
  return blank == std::string_view::npos ? words : words.substr(blank + 1);
}

bool any_word(std::string_view words) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (is_one_of(words.substr(0, end), kCredentialWords)) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

bool is_credential_key(std::string_view words) {
  const std::string_view last = last_word(words);
  if (last != "key") return false;
  const std::string_view before = words.substr(0, words.size() - last.size());
  return !is_one_of(last_word(trimmed(before)), kHarmlessKeys);
}

}  // namespace

bool carries_credentials(std::string_view name) {
  if (name.size() > kMaxName) name.remove_prefix(name.size() - kMaxName);
  std::string words = words_of(name);
  if (words.size() < 3 || is_one_of(last_word(words), kHarmlessEnds)) return false;
  if (any_word(words) || is_credential_key(words)) return true;
  std::erase(words, ' ');
  return std::any_of(kParts.begin(), kParts.end(), [&words](std::string_view part) {
    return words.find(part) != std::string::npos;
  });
}

bool names_a_count(std::string_view name) {
  if (name.size() > kMaxName) name.remove_prefix(name.size() - kMaxName);
  return last_word(words_of(name)) == "tokens";
}

}  // namespace locust
