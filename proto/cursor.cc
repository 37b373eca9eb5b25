#include "proto/cursor.h"

#include <bit>
#include <cmath>
#include <limits>

#include "common/base/utf8.h"
#include "proto/message.h"

namespace locust::proto {
namespace {

// The first bytes of values.
constexpr std::uint8_t kNil = 0xc0;
constexpr std::uint8_t kInvalid = 0xc1;

}  // namespace

void Cursor::fail() {
  ok_ = false;
  rest_ = {};
}

std::uint8_t Cursor::byte() {
  if (rest_.empty()) {
    fail();
    return kInvalid;
  }
  const auto first = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return first;
}

template <typename T>
T Cursor::big_endian() {
  T value = 0;
  for (const char c : take(sizeof(T))) {
    value = static_cast<T>(value << 8U) | static_cast<T>(static_cast<std::uint8_t>(c));
  }
  return value;
}

std::string_view Cursor::take(std::size_t size) {
  if (size > rest_.size()) {
    fail();
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint32_t Cursor::announced(std::uint32_t elements, std::size_t bytes_each) {
  if (elements <= rest_.size() / bytes_each) return elements;
  fail();
  return 0;
}

std::uint32_t Cursor::array() {
  const std::uint8_t first = byte();
  if ((first & 0xf0U) == 0x90) return announced(first & 0x0fU, 1);
  if (first == 0xdc) return announced(big_endian<std::uint16_t>(), 1);
  if (first == 0xdd) return announced(big_endian<std::uint32_t>(), 1);
  fail();
  return 0;
}

std::uint32_t Cursor::map() {
  const std::uint8_t first = byte();
  if ((first & 0xf0U) == 0x80) return announced(first & 0x0fU, 2);
  if (first == 0xde) return announced(big_endian<std::uint16_t>(), 2);
  if (first == 0xdf) return announced(big_endian<std::uint32_t>(), 2);
  fail();
  return 0;
}

std::string_view Cursor::key() {
  const std::uint8_t first = byte();
  if ((first & 0xe0U) == 0xa0) return take(first & 0x1fU);
  if (first == 0xd9) return take(big_endian<std::uint8_t>());
  if (first == 0xda) return take(big_endian<std::uint16_t>());
  if (first == 0xdb) return take(big_endian<std::uint32_t>());
  fail();
  return {};
}

std::string_view Cursor::str() {
  const std::string_view text = key();
  if (is_valid_utf8(text)) return text;
  fail();
  return {};
}

std::string_view Cursor::bin() {
  switch (byte()) {
    case 0xc4:
      return take(big_endian<std::uint8_t>());
    case 0xc5:
      return take(big_endian<std::uint16_t>());
    case 0xc6:
      return take(big_endian<std::uint32_t>());
    default:
      fail();
      return {};
  }
}

Number Cursor::number() {
  const std::uint8_t first = byte();
  if (first < 0x80) return std::int64_t{first};
  if (first >= 0xe0) return std::int64_t{static_cast<std::int8_t>(first)};
  double real = 0;
  switch (first) {
    case 0xca:
      real = static_cast<double>(std::bit_cast<float>(big_endian<std::uint32_t>()));
      break;
    case 0xcb:
      real = std::bit_cast<double>(big_endian<std::uint64_t>());
      break;
    case 0xcc:
      return big_endian<std::uint8_t>();
    case 0xcd:
      return big_endian<std::uint16_t>();
    case 0xce:
      return big_endian<std::uint32_t>();
    case 0xcf:
      return big_endian<std::uint64_t>();
    case 0xd0:
      return static_cast<std::int8_t>(big_endian<std::uint8_t>());
    case 0xd1:
      return static_cast<std::int16_t>(big_endian<std::uint16_t>());
    case 0xd2:
      return static_cast<std::int32_t>(big_endian<std::uint32_t>());
    case 0xd3:
      return static_cast<std::int64_t>(big_endian<std::uint64_t>());
    default:
      fail();
      return {};
  }
  if (ok_ && std::isfinite(real)) return real;
  fail();
  return {};
}

std::int64_t Cursor::count() {
  const std::int64_t count = number().to_int();  // of what does not fit: out of range all the same
  if (count >= -kMaxCount && count <= kMaxCount) return count;
  fail();
  return 0;
}

bool Cursor::nil() {
  if (rest_.empty() || static_cast<std::uint8_t>(rest_.front()) != kNil) return false;
  rest_.remove_prefix(1);
  return true;
}

}  // namespace locust::proto
