#include "common/base/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace locust {
namespace {

constexpr unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

struct Sequence {
  std::size_t length;  // bytes consumed; of an ill-formed sequence, its maximal subpart
  bool valid;
};

// The Unicode standard's table 3-7: only the second byte's range depends on the first.
Sequence next_sequence(std::string_view text, std::size_t i) {
  const unsigned char lead = byte_at(text, i);
  if (lead < 0x80) return {1, true};
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    if (lead == 0xe0) low = 0xa0;   // overlong
    if (lead == 0xed) high = 0x9f;  // surrogates
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    if (lead == 0xf0) low = 0x90;   // overlong
    if (lead == 0xf4) high = 0x8f;  // above U+10FFFF
  } else {
    return {1, false};
  }
  for (std::size_t k = 1; k < length; ++k) {
    if (i + k >= text.size() || byte_at(text, i + k) < low || byte_at(text, i + k) > high) {
      return {k, false};
    }
    low = 0x80;
    high = 0xbf;
  }
  return {length, true};
}

// Most names are ASCII: skips eight such bytes at a time.
std::size_t skip_ascii(std::string_view text, std::size_t i) {
  std::uint64_t word = 0;
  while (i + sizeof word <= text.size()) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if ((word & 0x8080808080808080U) != 0) break;
    i += sizeof word;
  }
  return i;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t i = skip_ascii(text, 0); i < text.size();) {
    const Sequence sequence = next_sequence(text, i);
    if (!sequence.valid) return false;
    i += sequence.length;
    if (sequence.length > 1) i = skip_ascii(text, i);
  }
  return true;
}

std::string repair_utf8(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Sequence sequence = next_sequence(text, i);
    if (sequence.valid) {
      repaired.append(text.substr(i, sequence.length));
    } else {
      repaired.append("\xef\xbf\xbd");
    }
    i += sequence.length;
  }
  return repaired;
}

std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xC0U) == 0x80U) {
    --max_bytes;
  }
  return text.substr(0, max_bytes);
}

}  // namespace locust
