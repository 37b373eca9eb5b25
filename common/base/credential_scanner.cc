#include "common/base/credential_scanner.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/base/credential_names.h"
#include "common/base/text.h"

namespace locust {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;
constexpr std::size_t kMaxNameBytes = 128;  // bytes that are examined before a separator
constexpr std::size_t kMaxTag = 512;        // between "<input" and its end
constexpr std::size_t kMaxHeader = 512;     // of a part of a multipart body, after its name
constexpr std::size_t kPairBytes = 256;     // between a name and its "value"

bool is_latin(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_alnum(char c) { return is_latin(c) || is_digit(c); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_white(char c) { return is_blank(c) || c == '\r' || c == '\n'; }
bool is_quote(char c) { return c == '"' || c == '\''; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_any_of(char c, std::string_view set) { return set.find(c) != kNowhere; }

// Whether it may be part of an unquoted name.
bool may_be_in_name(char c) { return is_alnum(c) || is_any_of(c, "_-.[]$%~+@"); }
// Whether it may be part of base64, base64url or a token of RFC 6750.
bool is_token_char(char c) { return is_alnum(c) || is_any_of(c, "-._~+/="); }

bool same_text(std::string_view a, std::string_view lower_b) {
  return a.size() == lower_b.size() && std::equal(a.begin(), a.end(), lower_b.begin(),
                                                  [](char x, char y) { return lower(x) == y; });
}

template <std::size_t N>
bool is_word_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [word](std::string_view each) { return same_text(word, each); });
}

// Headers that are credentials wherever they are written with a colon.
constexpr std::array<std::string_view, 7> kHeaders = {
    "authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key",
    "api-key",       "x-auth-token"};
constexpr std::array<std::string_view, 8> kAuthSchemes = {
    "bearer", "basic", "digest", "negotiate", "ntlm", "token", "hawk", "aws4-hmac-sha256"};
// Members and attributes that name the "value" beside them.
constexpr std::array<std::string_view, 8> kNaming = {"name",  "key",    "id",    "type",
                                                     "field", "header", "param", "property"};
constexpr std::array<std::string_view, 4> kValues = {"value", "values", "content", "val"};
constexpr std::array<std::string_view, 7> kShownWords = {"true", "false", "null",     "none",
                                                         "nil",  "***",   "undefined"};

// Whether it is random like a token, unlike a word of a language.
bool looks_like_token(std::string_view word) {
  constexpr std::size_t kWithDigit = 6;
  constexpr std::size_t kWithout = 20;
  const bool has_digit = std::any_of(word.begin(), word.end(), is_digit);
  return word.size() >= (has_digit ? kWithDigit : kWithout);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return is_digit(c) || is_any_of(c, "+-.eE"); });
}

// "user%5Bpin%5D" as "user[pin]"; decodes only characters that may be part of a name.
std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) { return is_digit(c) ? c - '0' : lower(c) - 'a' + 10; };
  const auto is_hex = [](char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); };
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
      decoded += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// A separator and the name before it.
struct Pair {
  std::string name;
  std::size_t name_begin = 0;  // a quote is not part of it
  bool quoted = false;
  bool encoded = false;   // the separator is %3D, %3A or \u003d
  char separator = '=';   // or ':'
  std::size_t value = 0;  // after the separator
};

class Scanner {
 public:
  Scanner(std::string_view text, TextKind kind, bool is_cut)
      : text_(text), kind_(kind), is_cut_(is_cut) {}

  std::string run() {
    std::size_t at = 0;
    while (at < text_.size()) at = step(at);
    out_.append(text_.substr(done_));
    return std::move(out_);
  }

 private:
  // Examines the text at `at`. Returns the position to continue at.
  std::size_t step(std::size_t at) {
    switch (text_[at]) {
      case '=':
      case ':':
        return separator(at, 1, text_[at]);
      case '%':
      case '\\':
        return encoded_separator(at);
      case '<':
        return tag(at);
      case 'b':
      case 'B':
        return authorization(at);
      case 'e':
        return web_token(at);
      default:
        return at + 1;
    }
  }

  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  bool is(std::size_t i, std::string_view lower_text) const {
    return same_text(text_.substr(std::min(i, text_.size()), lower_text.size()), lower_text);
  }

  // Writes the mask instead of the range. Returns the range's end.
  std::size_t mask(Range range, std::string_view with = kMask) {
    out_.append(text_.substr(done_, range.begin - done_)).append(with);
    done_ = range.end;
    return range.end;
  }

  // The first of `set` from `from` on, or the end of the text.
  std::size_t until(std::size_t from, std::string_view set) const {
    while (from < text_.size() && !is_any_of(text_[from], set)) ++from;
    return from;
  }
  template <typename Condition>
  std::size_t skip(std::size_t from, Condition condition) const {
    while (from < text_.size() && condition(text_[from])) ++from;
    return from;
  }

  std::size_t encoded_separator(std::size_t at) {
    if (is(at, "%3d")) return separator(at, 3, '=');
    if (is(at, "%3a")) return separator(at, 3, ':');
    if (is(at, "\\u003d")) return separator(at, 6, '=');
    return at + 1;
  }

  std::size_t separator(std::size_t at, std::size_t bytes, char kind) {
    if (kind == ':' && bytes == 1 && is(at, "://")) return user_of_url(at + 3);
    const std::optional<Pair> pair = pair_at(at, bytes, kind);
    if (!pair) return at + bytes;
    const bool is_named = at < named_until_ && is_word_of(pair->name, kValues);
    if (names_credential(*pair)) {
      if (const auto end = part_of_form(*pair)) return *end;
      named_until_ = pair->value + kPairBytes;
    }
    if (!is_named && !is_credential(*pair)) return pair->value;
    const auto value = value_of(*pair);
    if (!value || value->begin >= value->end || is_shown(*pair, *value)) return pair->value;
    if (is_named) named_until_ = 0;
    const bool is_container = is_any_of(text_[value->begin], "{[(") && pair->quoted;
    return mask(*value, is_container ? R"("***")" : kMask);
  }

  // Returns nullopt if there is no name.
  std::optional<Pair> pair_at(std::size_t at, std::size_t bytes, char kind) const {
    Pair pair;
    pair.separator = kind;
    pair.encoded = bytes > 1;
    pair.value = at + bytes;
    // a == 'b'
    if (kind == '=' && bytes == 1 && this->at(pair.value) == '=') ++pair.value;
    std::size_t end = at;
    while (end > done_ && is_blank(text_[end - 1])) --end;
    // row["password"] = 'x'
    if (end > done_ + 1 && is_any_of(text_[end - 1], "])") && is_quote(text_[end - 2])) --end;
    if (end == done_) return std::nullopt;
    std::size_t begin = 0;
    if (const char quote = text_[end - 1]; is_quote(quote)) {
      --end;
      while (end > done_ && text_[end - 1] == '\\') --end;
      begin = end;
      while (begin > done_ && end - begin < kMaxNameBytes && text_[begin - 1] != quote) --begin;
      pair.quoted = true;
    } else {
      begin = end;
      while (begin > done_ && end - begin < kMaxNameBytes && may_be_in_name(text_[begin - 1]))
        --begin;
    }
    if (begin == end) return std::nullopt;
    pair.name_begin = begin;
    pair.name = own_name(text_.substr(begin, end - begin));
    if (pair.name.empty()) return std::nullopt;
    return pair;
  }

  // "token" of "a%3D1%26token" and of %22token%22.
  static std::string own_name(std::string_view written) {
    if (written.find('%') == kNowhere) return std::string(written);
    std::string name = percent_decoded(written);
    while (!name.empty() && is_quote(name.back())) name.pop_back();
    const std::size_t before = name.find_last_of("=&?{,;\"'/ ");
    return before == kNowhere ? name : name.substr(before + 1);
  }

  // A member "key" of JSON is rarely one, the parameter of a URL is.
  static bool is_credential(const Pair& pair) {
    return carries_credentials(pair.name) && !(pair.quoted && same_text(pair.name, "key"));
  }

  // {"name": "password", "value": "x"}, <input name="password" value="x">
  bool names_credential(const Pair& pair) const {
    if (!is_word_of(pair.name, kNaming)) return false;
    const auto value = value_of(pair, kMaxNameBytes);
    return value && carries_credentials(text_.substr(value->begin, value->end - value->begin));
  }

  // Masks the contents of a field after Content-Disposition: form-data; name="password".
  std::optional<std::size_t> part_of_form(const Pair& pair) {
    constexpr std::size_t kBefore = 40;
    const std::size_t before = pair.name_begin - std::min(pair.name_begin, kBefore);
    if (text_.substr(before, pair.name_begin - before).find("form-data") == kNowhere) return {};
    const std::string_view head = text_.substr(pair.value, kMaxHeader);
    const std::size_t crlf = head.find("\r\n\r\n");
    const std::size_t lf = head.find("\n\n");
    if (crlf == kNowhere && lf == kNowhere) return {};
    const std::size_t begin = pair.value + (crlf < lf ? crlf + 4 : lf + 2);
    const std::size_t end =
        std::min(text_.find(crlf < lf ? "\r\n--" : "\n--", begin), text_.size());
    if (begin >= end) return {};
    return mask({begin, end});
  }

  // Returns the value if it has at most `most` bytes; otherwise nullopt.
  std::optional<Range> value_of(const Pair& pair, std::size_t most = kNowhere) const {
    const std::string_view whole = text_;
    if (most != kNowhere && pair.value + most < whole.size()) {
      const Scanner head(whole.substr(0, pair.value + most), kind_, /*is_cut=*/false);
      const auto value = head.value_of(pair);
      return value && value->end < pair.value + most ? value : std::nullopt;
    }
    if (kind_ == TextKind::kForm && !pair.quoted && pair.separator == '=' && !pair.encoded) {
      return Range{pair.value, until(pair.value, "&")};
    }
    std::size_t at =
        pair.encoded ? pair.value : skip(pair.value, pair.quoted ? is_white : is_blank);
    if (pair.encoded) return encoded_value(at);
    if (pair.separator == ':' && !pair.quoted) return line_value(pair, at);
    const std::size_t unprefixed = skip(at, is_latin);
    if (unprefixed - at <= 2 && is_quote(this->at(unprefixed))) at = unprefixed;  // b'…'
    if (is_quote(this->at(at)) || this->at(at) == '\\') {
      if (const auto quoted = quoted_value(at)) return quoted;
    }
    if (is_any_of(this->at(at), "{[(") && this->at(at) != '\0') return Range{at, container_end(at)};
    return Range{at, until(at, scalar_ends(pair))};
  }

  // The characters that end an unquoted value. In a query it may contain more than elsewhere.
  std::string_view scalar_ends(const Pair& pair) const {
    const bool in_query = pair.name_begin == 0 || is_any_of(text_[pair.name_begin - 1], "?&#;");
    if (pair.separator == '=' && in_query) return "&# \t\r\n\f\v\"'<>\\`";
    return "&,;)]} \t\r\n\f\v\"'<>\\`";
  }

  Range encoded_value(std::size_t at) const {
    const std::size_t blanks = skip(at, [](char c) { return c == '+'; });
    if (is(blanks, "%22")) {
      std::size_t end = blanks + 3;
      while (end < text_.size() && !is(end, "%22")) ++end;
      return {blanks + 3, end};
    }
    std::size_t end = at;
    while (end < text_.size() && !is_any_of(text_[end], "&# \t\r\n\"'<>\\") && !is(end, "%26")) {
      ++end;
    }
    return {at, end};
  }

  // `at` is a quote, or a backslash before one. Quotes within a text of JSON are \" and so on: the
  // value ends at one with as many backslashes, or fewer.
  std::optional<Range> quoted_value(std::size_t at) const {
    const std::size_t open = skip(at, [](char c) { return c == '\\'; });
    const char quote = this->at(open);
    if (!is_quote(quote)) return std::nullopt;
    const std::size_t depth = open - at;
    std::size_t begin = open + 1;
    if (depth == 0 && this->at(begin) == quote && this->at(begin + 1) == quote) {
      begin += 2;
      const std::size_t end = text_.find(text_.substr(open, 3), begin);
      return Range{begin, std::min(end, text_.size())};
    }
    std::size_t backslashes = 0;
    for (std::size_t i = begin; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++backslashes;
        continue;
      }
      const bool ends = depth == 0 ? backslashes % 2 == 0 : backslashes <= depth;
      if (text_[i] == quote && ends) return Range{begin, i - backslashes};
      backslashes = 0;
    }
    return Range{begin, text_.size()};
  }

  // The position after the bracket that closes the one at `at`.
  std::size_t container_end(std::size_t at) const {
    std::size_t depth = 0;
    char quote = '\0';
    for (std::size_t i = at; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\\') {
        ++i;
      } else if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (is_quote(c)) {
        quote = c;
      } else if (is_any_of(c, "{[(")) {
        ++depth;
      } else if (is_any_of(c, "}])") && --depth == 0) {
        return i + 1;
      }
    }
    return text_.size();
  }

  // The value of "name: value", which is a header, YAML, or a sentence.
  std::optional<Range> line_value(const Pair& pair, std::size_t at) const {
    const bool is_header = (kind_ == TextKind::kDocument && begins_line(pair.name_begin)) ||
                           (is_word_of(pair.name, kHeaders) && begins_credentials(at));
    if (is_header) {
      const std::size_t begin = at + (is_quote(this->at(at)) ? 1 : 0);
      std::size_t end = until(begin, begin > at ? std::string_view(&text_[at], 1) : "\r\n\"'");
      while (end > begin && is_blank(text_[end - 1])) --end;
      return Range{begin, end};
    }
    if (pair.name_begin > 0 && !is_any_of(text_[pair.name_begin - 1], " \t\r\n([{,;|\"'"))
      return {};
    if (is_quote(this->at(at))) return quoted_value(at);
    const std::size_t end = skip(at, is_token_char);
    if (!looks_like_token(text_.substr(at, end - at)) && !(is_cut_ && end == text_.size())) {
      return std::nullopt;
    }
    return Range{at, end};
  }

  // Whether it is "Negotiate YII…", "sid=5" or a single token, not the rest of a sentence.
  bool begins_credentials(std::size_t at) const {
    const std::size_t end = skip(at, [](char c) { return is_alnum(c) || is_any_of(c, "-_.~+/"); });
    const std::string_view word = text_.substr(at, end - at);
    if (this->at(end) == '=' || this->at(end) == '\0') return !word.empty();
    return is_white(this->at(end)) && (is_word_of(word, kAuthSchemes) || looks_like_token(word));
  }

  // Ignores blanks, and the characters that curl -v writes before a header.
  bool begins_line(std::size_t at) const {
    while (at > 0 && (is_blank(text_[at - 1]) || is_any_of(text_[at - 1], "<>*|-"))) --at;
    return at == 0 || text_[at - 1] == '\n' || text_[at - 1] == '\r';
  }

  bool is_shown(const Pair& pair, Range value) const {
    const std::string_view text = text_.substr(value.begin, value.end - value.begin);
    if (is_cut_ && value.end == text_.size()) return false;
    return is_word_of(text, kShownWords) || (names_a_count(pair.name) && is_number(text));
  }

  // `at` is the position after "://".
  std::size_t user_of_url(std::size_t at) {
    const std::size_t end = until(at, "/?#\"'<> \t\r\n\\`");
    const std::string_view authority = text_.substr(at, end - at);
    const std::size_t colon = authority.find(':');
    if (colon == kNowhere) return end;
    const std::size_t user_end = authority.rfind('@');
    if (user_end != kNowhere && colon < user_end) return mask({at + colon + 1, at + user_end});
    const std::string_view port = authority.substr(colon + 1);
    const bool may_be_cut = is_cut_ && end == text_.size() && user_end == kNowhere &&
                            !std::all_of(port.begin(), port.end(), is_digit);
    return may_be_cut ? mask({at + colon + 1, end}) : end;
  }

  std::size_t authorization(std::size_t at) {
    if (at > 0 && is_alnum(text_[at - 1])) return at + 1;
    const std::size_t word = is(at, "bearer") ? 6 : is(at, "basic") ? 5 : 0;
    if (word == 0) return at + 1;
    std::size_t begin = skip(at + word, is_blank);
    if (is(begin, "%20")) begin += 3;
    if (begin == at + word) return begin;
    const std::size_t end = skip(begin, is_token_char);
    const bool is_cut_short = is_cut_ && end == text_.size();
    if (begin == end || !(is_cut_short || looks_like_token(text_.substr(begin, end - begin)))) {
      return begin;
    }
    return mask({begin, end});
  }

  // A JSON Web Token: three parts of base64url, or five, the first of which begins with {".
  std::size_t web_token(std::size_t at) {
    const auto is_base64url = [](char c) { return is_alnum(c) || c == '-' || c == '_'; };
    if (!is(at, "eyj") || text_[at + 2] != 'J' || text_[at + 1] != 'y') return at + 1;
    if (at > done_ && (is_alnum(text_[at - 1]) || text_[at - 1] == '_')) return at + 1;
    const std::size_t first = skip(at, is_base64url);
    if (first == text_.size()) return is_cut_ ? mask({at, first}) : first;
    if (text_[first] != '.') return first;
    const std::size_t second = skip(first + 1, is_base64url);
    if (second - first <= 4 && !(is_cut_ && second == text_.size())) return second;
    return mask({at, skip(second, [&](char c) { return is_base64url(c) || c == '.'; })});
  }

  // <password>x</password>; and the attributes of an element that holds a value, in any order.
  std::size_t tag(std::size_t at) {
    const std::size_t name_end =
        skip(at + 1, [](char c) { return is_alnum(c) || is_any_of(c, "_-.:"); });
    const std::string_view name = text_.substr(at + 1, name_end - at - 1);
    if (name.empty()) return at + 1;
    if (same_text(name, "input") || same_text(name, "meta") || same_text(name, "param")) {
      note_attributes(name_end);
      return name_end;
    }
    if (!carries_credentials(name) || same_text(name, "key")) return name_end;
    const std::size_t close = text_.substr(name_end, kMaxTag).find('>');
    if (close == kNowhere || text_[name_end + close - 1] == '/') return name_end;
    constexpr std::string_view kCdata = "<![CDATA[";
    std::size_t begin = skip(name_end + close + 1, is_white);
    const bool is_cdata = text_.substr(begin, kCdata.size()) == kCdata;
    if (is_cdata) begin += kCdata.size();
    const std::size_t end =
        is_cdata ? std::min(text_.find("]]>", begin), text_.size()) : until(begin, "<");
    const bool is_element =
        is_cdata || text_.substr(end, 2) == "</" || (is_cut_ && end + 1 >= text_.size());
    return begin < end && is_element ? mask({begin, end}) : name_end;
  }

  void note_attributes(std::size_t from) {
    named_until_ = 0;
    const std::size_t end = from + std::min(text_.substr(from, kMaxTag).find('>'), kMaxTag);
    for (std::size_t i = from; i < std::min(end, text_.size()); ++i) {
      if (text_[i] != '=') continue;
      const auto pair = pair_at(i, 1, '=');
      if (pair && names_credential(*pair)) named_until_ = end;
    }
  }

  const std::string_view text_;
  const TextKind kind_;
  const bool is_cut_;
  std::string out_;              // the text up to done_
  std::size_t done_ = 0;         // the text before it is finished
  std::size_t named_until_ = 0;  // a "value" before this is a credential's
};

}  // namespace

std::string mask_credentials(std::string_view text, TextKind kind, bool is_cut) {
  return Scanner(text, kind, is_cut).run();
}

}  // namespace locust
