#include "common/printable.h"

#include "common/utf8.h"

namespace locust {
namespace {

constexpr std::size_t kQuotedBytes = 100;

void append_escaped(std::string& out, unsigned char byte) {
  out.append("\\x").append(1, "0123456789abcdef"[byte >> 4U]);
  out += "0123456789abcdef"[byte & 0xFU];
}

}  // namespace

void append_printable(std::string& out, std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    const auto next = i + 1 < line.size() ? static_cast<unsigned char>(line[i + 1]) : 0U;
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
      append_escaped(out, byte);
    } else if (byte == 0xc2 && next >= 0x80 &&
               next < 0xa0) {  // U+009B begins commands as ESC [ does
      append_escaped(out, byte);
      append_escaped(out, static_cast<unsigned char>(next));
      ++i;
    } else {
      out += line[i];
    }
  }
}

std::string quoted_part(std::string_view text) {
  const std::string_view part = cut_utf8(text, kQuotedBytes);
  std::string quoted;
  append_printable(quoted, part);
  if (part.size() < text.size()) quoted += "…";
  return quoted;
}

}  // namespace locust
