#include "common/base/printable.h"

#include "common/base/utf8.h"

namespace locust {
namespace {

constexpr std::size_t kQuotedBytes = 100;
constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_escaped(std::string& out, unsigned char byte) {
  out.append("\\x").append(1, kHexDigits[byte >> 4U]);
  out += kHexDigits[byte & 0xFU];
}

// U+2028..U+202E (E2 80 A8..AE) and U+2066..U+2069 (E2 81 A6..A9): line ends and directions.
bool steers_text(std::string_view text) {
  if (!text.starts_with('\xe2') || text.size() < 3) return false;
  const auto last = static_cast<unsigned char>(text[2]);
  return (text[1] == '\x80' && last >= 0xa8 && last <= 0xae) ||
         (text[1] == '\x81' && last >= 0xa6 && last <= 0xa9);
}

void append_code_point(std::string& out, std::string_view three_bytes) {
  const auto low = static_cast<unsigned>(static_cast<unsigned char>(three_bytes[2]) & 0x3FU) |
                   (three_bytes[1] == '\x81' ? 0x40U : 0U);
  out.append("\\u20").append(1, kHexDigits[low >> 4U]);
  out += kHexDigits[low & 0xFU];
}

// `kept` has the control characters that are not escaped.
void append(std::string& out, std::string_view text, std::string_view kept) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    if ((byte < 0x20 && kept.find(text[i]) == std::string_view::npos) || byte == 0x7f) {
      append_escaped(out, byte);
    } else if (byte == 0xc2 && next >= 0x80 &&
               next < 0xa0) {  // U+009B begins commands as ESC [ does
      append_escaped(out, byte);
      append_escaped(out, static_cast<unsigned char>(next));
      ++i;
    } else if (steers_text(text.substr(i))) {
      append_code_point(out, text.substr(i));
      i += 2;
    } else {
      out += text[i];
    }
  }
}

}  // namespace

void append_printable(std::string& out, std::string_view line) { append(out, line, "\t"); }

std::string printable(std::string_view line) {
  std::string out;
  append_printable(out, line);
  return out;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  append(out, text, "\t\n");
  return out;
}

std::string quoted_part(std::string_view text) {
  const std::string_view part = cut_utf8(text, kQuotedBytes);
  std::string quoted = printable(part);
  if (part.size() < text.size()) quoted += "…";
  return quoted;
}

}  // namespace locust
