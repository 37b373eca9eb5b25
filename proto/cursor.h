// Cursor: reads MessagePack values one after the other. For frequent messages of a known form,
// where building a tree of Values would dominate the cost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/number.h"

namespace locust::proto {

// Each call reads the next value, which must be of that kind. If it is of another kind, truncated,
// or invalid for a field of that kind (proto/fields.h), the cursor has failed: this call and all
// later ones return zero or an empty text. A reader therefore checks ok() only in its loops and at
// the end. Texts are views into the bytes, which must outlive them.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  // The number of following elements, or pairs; never more than the number of remaining bytes.
  std::uint32_t array();
  std::uint32_t map();
  std::string_view str();  // valid UTF-8
  // Any str, also invalid UTF-8; only for comparison with known texts.
  std::string_view key();
  std::string_view bin();
  Number number();       // as finite_number()
  std::int64_t count();  // as count()
  // Whether the next value is nil; if so, reads it. Never fails.
  bool nil();

  void fail();
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::uint8_t byte();
  template <typename T>
  T big_endian();
  std::string_view take(std::size_t size);
  std::uint32_t announced(std::uint32_t elements, std::size_t bytes_each);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace locust::proto
