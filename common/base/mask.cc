#include "common/base/mask.h"

#include <openssl/evp.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "common/base/python_repr.h"
#include "common/base/text.h"
#include "common/base/utf8.h"

namespace locust {
namespace {

constexpr std::size_t kShortSecret = 4;  // bytes; shorter ones are masked as words only
constexpr std::size_t kShortBase64 = 6;  // characters that do not occur by chance
constexpr std::size_t kSecretLine = 16;  // bytes of a line that is searched for by itself
constexpr int kMaxMatches = 1000;        // of a pattern in a text; the rest is masked completely
constexpr std::size_t kNone = std::string_view::npos;

bool is_word_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string percent_encoded(std::string_view text, std::string_view hex, std::string_view safe) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_word_char(c) || safe.find(c) != kNone) {
      out += c;
    } else if (c == ' ' && safe.find('+') != kNone) {
      out += '+';
    } else {
      out += '%';
      out += hex[byte >> 4U];
      out += hex[byte & 15U];
    }
  }
  return out;
}

std::string with_replaced(std::string text, std::string_view from, std::string_view to) {
  replace_all(text, from, to);
  return text;
}

std::string html_escaped(std::string text, std::string_view quote, std::string_view apostrophe) {
  replace_all(text, "&", "&amp;");
  replace_all(text, "<", "&lt;");
  replace_all(text, ">", "&gt;");
  replace_all(text, "\"", quote);
  replace_all(text, "'", apostrophe);
  return text;
}

std::string base64(const std::string& text) {
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

// The base64 forms of the text within a longer text: the characters that depend only on it, for
// each of the three possible offsets.
std::vector<std::string> base64_parts(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t before = 0; before < 3; ++before) {
    const std::size_t begin = (before * 8 + 5) / 6;
    const std::size_t end = (before + text.size()) * 8 / 6;
    if (end < begin + kShortBase64) continue;
    parts.push_back(base64(std::string(before, '\0') + text).substr(begin, end - begin));
    parts.push_back(with_replaced(with_replaced(parts.back(), "+", "-"), "/", "_"));
  }
  return parts;
}

// Words that are common as defaults and are not secrets.
bool is_constant(std::string_view value) {
  constexpr std::array<std::string_view, 7> kConstants = {"true", "false", "True", "False",
                                                          "none", "None",  "null"};
  return value == kMask ||
         std::find(kConstants.begin(), kConstants.end(), value) != kConstants.end();
}

// All forms in which the value may be written.
std::set<std::string> forms_of(const std::string& value) {
  constexpr std::string_view kUpper = "0123456789ABCDEF";
  constexpr std::string_view kLower = "0123456789abcdef";
  std::set<std::string> forms = {value};
  if (value.size() < kShortSecret) return forms;
  for (const std::string_view hex : {kUpper, kLower}) {
    for (const std::string_view safe : {"-_.~", "-_.~/", "-_.~+", "-_.*+"}) {
      forms.insert(percent_encoded(value, hex, safe));
    }
  }
  for (std::string& part : base64_parts(value)) forms.insert(std::move(part));
  if (is_valid_utf8(value)) {
    for (const bool ascii : {false, true}) {
      const std::string json = nlohmann::json(value).dump(-1, ' ', ascii);
      const std::string inner = json.substr(1, json.size() - 2);
      forms.insert(inner);
      forms.insert(with_replaced(inner, "/", "\\/"));
      forms.insert(with_replaced(with_replaced(inner, "\\", "\\\\"), "\\\"", "\\\\\""));
    }
    const std::string repr = python_repr(value);
    forms.insert(repr.substr(1, repr.size() - 2));
  }
  forms.insert(html_escaped(value, "&quot;", "&#x27;"));
  forms.insert(html_escaped(value, "&#34;", "&#39;"));
  forms.insert(html_escaped(value, "\"", "'"));
  for (std::size_t begin = 0; begin < value.size();) {
    const std::size_t end = std::min(value.find('\n', begin), value.size());
    const std::string_view line = trimmed(std::string_view(value).substr(begin, end - begin));
    if (line.size() >= kSecretLine) forms.insert(std::string(line));
    begin = end + 1;
  }
  return forms;
}

void mask_word(std::string& text, std::string_view word) {
  std::size_t at = text.find(word);
  while (at != kNone) {
    const std::size_t end = at + word.size();
    const bool alone = (at == 0 || !is_word_char(text[at - 1])) &&
                       (end == text.size() || !is_word_char(text[end]));
    if (alone) text.replace(at, word.size(), kMask);
    at = text.find(word, alone ? at + kMask.size() : at + 1);
  }
}

// The length of the longest end of the text that is the start of one of the forms.
std::size_t begun_secret(std::string_view text, const std::vector<std::string>& forms) {
  std::size_t longest = 0;
  for (const std::string& form : forms) {
    if (form.size() < kShortSecret) continue;
    for (std::size_t n = std::min(text.size(), form.size() - 1); n > longest; --n) {
      if (text.ends_with(std::string_view(form).substr(0, n))) longest = n;
    }
  }
  return longest;
}

// Replaces the matches of the pattern, or of its groups.
std::string without_matches(const std::string& text, const re2::RE2& pattern) {
  constexpr int kMaxGroups = 16;
  std::array<re2::StringPiece, kMaxGroups + 1> groups;
  const int wanted = 1 + std::min(pattern.NumberOfCapturingGroups(), kMaxGroups);
  std::string out;
  std::size_t done = 0;
  std::size_t at = 0;
  int matches = 0;
  while (at <= text.size() &&
         pattern.Match(text, at, text.size(), re2::RE2::UNANCHORED, groups.data(), wanted)) {
    if (++matches > kMaxMatches) return out.append(kMask);
    for (int i = wanted == 1 ? 0 : 1; i < wanted; ++i) {
      const re2::StringPiece& group = groups.at(static_cast<std::size_t>(i));
      const auto begin = static_cast<std::size_t>(group.data() - text.data());
      if (group.data() == nullptr || group.empty() || begin < done) continue;
      out.append(text, done, begin - done).append(kMask);
      done = begin + group.size();
    }
    const auto end = static_cast<std::size_t>(groups[0].data() - text.data()) + groups[0].size();
    at = std::max(end, at + 1);
  }
  return out.append(text, done);
}

// Process-wide, like the log, because every writer of texts needs it.
struct Shared {
  std::mutex mutex;
  std::shared_ptr<const Masker> masker = std::make_shared<const Masker>();
};

Shared& shared() {
  static auto* instance = new Shared;  // never destroyed: the log uses it to the end
  return *instance;
}

}  // namespace

void Masker::add_secret(std::string_view value) {
  if (value.empty() || value.size() > kMaxSecretBytes || is_constant(value)) return;
  if (knows(value)) return;
  if (secrets_.size() == kMaxSecrets) secrets_.erase(secrets_.begin());
  secrets_.emplace_back(value);
  std::set<std::string> all;
  for (const std::string& secret : secrets_) all.merge(forms_of(secret));
  forms_.assign(all.begin(), all.end());
  std::stable_sort(forms_.begin(), forms_.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

bool Masker::knows(std::string_view secret) const {
  return std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end();
}

Result<void> Masker::add_pattern(const std::string& regex) {
  const bool is_known = std::any_of(patterns_.begin(), patterns_.end(),
                                    [&](const auto& each) { return each->pattern() == regex; });
  if (is_known) return {};
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_shared<const re2::RE2>(regex, options);
  if (!pattern->ok())
    return Error{"'" + regex + "' is not a regular expression: " + pattern->error()};
  if (re2::RE2::FullMatch("", *pattern)) {
    return Error{"'" + regex + "' matches an empty text, hence everywhere"};
  }
  patterns_.push_back(std::move(pattern));
  return {};
}

std::string Masker::masked(std::string_view text, TextKind kind, bool is_cut) const {
  if (!has_declared()) return mask_credentials(text, kind, is_cut);
  return mask_credentials(without_declared(text, is_cut), kind, is_cut);
}

std::string Masker::without_declared(std::string_view text, bool is_cut) const {
  std::string out(text);
  if (!has_declared()) return out;
  for (const std::string& form : forms_) {
    if (form.size() < kShortSecret) {
      mask_word(out, form);
    } else {
      replace_all(out, form, kMask);
    }
  }
  if (is_cut) {
    if (const std::size_t begun = begun_secret(out, forms_); begun > 0) {
      out.replace(out.size() - begun, begun, kMask);
    }
  }
  for (const auto& pattern : patterns_) out = without_matches(out, *pattern);
  return out;
}

std::shared_ptr<const Masker> masker() {
  const std::lock_guard lock(shared().mutex);
  return shared().masker;
}

void set_masker(Masker masker) {
  const std::lock_guard lock(shared().mutex);
  shared().masker = std::make_shared<const Masker>(std::move(masker));
}

void add_secrets(const std::vector<std::string>& values) {
  const std::lock_guard lock(shared().mutex);
  const Masker& now = *shared().masker;
  if (std::all_of(values.begin(), values.end(),
                  [&](const auto& each) { return now.knows(each); })) {
    return;
  }
  auto more = std::make_shared<Masker>(now);
  for (const std::string& value : values) more->add_secret(value);
  shared().masker = std::move(more);
}

std::string masked(std::string_view text, TextKind kind, bool is_cut) {
  return masker()->masked(text, kind, is_cut);
}

std::string masked_head(std::string_view text, std::size_t most, TextKind kind, bool is_cut) {
  const std::string_view seen = text.substr(0, most + kMaskAhead);
  std::string head = masked(seen, kind, is_cut || seen.size() < text.size());
  if (head.size() > most) head.resize(most);
  return head;
}

}  // namespace locust
