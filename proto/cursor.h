// Reads MessagePack values one after the other. For messages whose form is known and that come so
// often that a tree of Values would cost more than all that is done with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/number.h"

namespace locust::proto {

// Each call reads the next value, which has to be of that kind. If it is not, is cut short, or is
// nothing that a field of that kind may hold (proto/fields.h), the cursor has failed: this call and
// all later ones return zero or an empty text. So a reader reads on and asks ok() in its loops and
// at the end. Texts are views into the bytes, which must outlive them.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  // The number of elements, or of pairs, that follow: never more than there are bytes for.
  std::uint32_t array();
  std::uint32_t map();
  std::string_view str();  // valid UTF-8
  // Any str; for what is compared with known texts only.
  std::string_view key();
  std::string_view bin();
  Number number();       // as finite_number()
  std::int64_t count();  // as count()
  // Whether the next value is nil; only then it is read. Never fails.
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
