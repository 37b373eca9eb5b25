// Value: any MessagePack value, with conversion from and to bytes. The typed messages
// (proto/message.h) are built on it; custom messages and unknown keys are stored in it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/result.h"

namespace locust::proto {

// Preserves the distinctions of Python's msgpack: the kind of every number, the order of every map,
// str and bin. Integers are int64 if they fit, otherwise uint64. Copyable; compared member by
// member (5 and 5.0 differ; their to_double() are equal).
class Value {
 public:
  struct Nil {
    bool operator==(const Nil&) const = default;
  };
  struct Bin {
    std::string bytes;
    bool operator==(const Bin&) const = default;
  };
  struct Ext {
    std::int8_t type = 0;
    std::string bytes;
    bool operator==(const Ext&) const = default;
  };
  using Array = std::vector<Value>;
  // In the order of the wire. Keys may repeat; the last one wins.
  using Map = std::vector<std::pair<Value, Value>>;

  Value() = default;  // nil
  template <std::same_as<bool> T>
  Value(T b) : data_(b) {}  // NOLINT: implicit by design, like the constructors below
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Value(T i) {  // NOLINT
    if (std::in_range<std::int64_t>(i)) {
      data_ = static_cast<std::int64_t>(i);
    } else {
      data_ = static_cast<std::uint64_t>(i);
    }
  }
  Value(float f) : data_(f) {}                                              // NOLINT
  Value(double d) : data_(d) {}                                             // NOLINT
  Value(std::string s) : data_(std::move(s)) {}                             // NOLINT
  Value(std::string_view s) : data_(std::in_place_type<std::string>, s) {}  // NOLINT
  Value(const char* s) : data_(std::in_place_type<std::string>, s) {}       // NOLINT
  Value(Bin b) : data_(std::move(b)) {}                                     // NOLINT
  Value(Ext e) : data_(std::move(e)) {}                                     // NOLINT
  Value(Array a) : data_(std::move(a)) {}                                   // NOLINT
  Value(Map m) : data_(std::move(m)) {}                                     // NOLINT

  // "nil", "bool", "int", "float", "str", "bin", "array", "map" or "ext": for error texts.
  const char* kind_name() const;

  bool is_nil() const { return std::holds_alternative<Nil>(data_); }
  // Null unless the value is of that kind.
  template <typename T>
  const T* get_if() const {
    return std::get_if<T>(&data_);
  }
  template <typename T>
  T* get_if() {
    return std::get_if<T>(&data_);
  }
  template <typename T>
  T& emplace() {
    return data_.template emplace<T>();
  }
  const std::string* str() const { return get_if<std::string>(); }
  const Array* array() const { return get_if<Array>(); }
  const Map* map() const { return get_if<Map>(); }

  // Every number form is accepted, as in Python; bool is not a number. to_int() truncates a
  // fraction like Python's int(); nullopt for NaN and numbers out of range.
  std::optional<std::int64_t> to_int() const;
  std::optional<double> to_double() const;

  // The value of the str key `key` (the last one if it repeats); null if this is not a map or lacks
  // the key.
  const Value* find(std::string_view key) const;

  template <typename Visitor>
  decltype(auto) visit(Visitor&& visitor) const {
    return std::visit(std::forward<Visitor>(visitor), data_);
  }

  bool operator==(const Value&) const = default;

 private:
  std::variant<Nil, bool, std::int64_t, std::uint64_t, float, double, std::string, Bin, Ext, Array,
               Map>
      data_;
};

// The same lookup in a bare map.
const Value* find(const Value::Map& map, std::string_view key);

// The limits of parse(). The largest real message is a report of about 300 bytes per entry, so a
// report of 10,000 names has 3 MB and 600,000 values.
struct Limits {
  std::size_t max_bytes = std::size_t{16} << 20;
  std::size_t max_depth = 512;         // arrays and maps inside each other
  std::size_t max_values = 4'000'000;  // scalars, keys and containers together
};

// Parses exactly one MessagePack value. Rejects what Python's unpackb(raw=False,
// strict_map_key=False) rejects: truncated input, trailing bytes, 0xc1, invalid UTF-8 in a str, an
// array or map as a map key, more elements than the message has bytes, a timestamp ext of wrong
// length; and anything beyond `limits`. Never throws. Uses less than 64 bytes of memory for each
// byte read and for each value of max_values: a header that announces more elements than the rest
// of the message can contain is rejected before anything is allocated.
Result<Value> parse(std::string_view bytes, const Limits& limits = {});

// Like Python's msgpack.packb: shortest form of every header and integer, floats in their own
// width. Invalid UTF-8 is repaired (common/base/utf8.h), so that peers can always decode the
// result.
std::string pack(const Value& value);

}  // namespace locust::proto
