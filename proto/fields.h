// Reads the fields of a decoded map. For the codec.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/number.h"
#include "common/base/result.h"
#include "proto/message.h"
#include "proto/value.h"

namespace locust::proto {

// A finite float: NaN and infinities would make every sum useless.
std::optional<double> finite(const Value& value);
// A whole number within ±kMaxCount. A fraction is truncated, like Python's int().
std::optional<std::int64_t> count(const Value& value);
// Like finite(), but preserves whether it was an integer.
std::optional<Number> finite_number(const Value& value);

// "KEY is KIND, not WANTED".
Error not_a(std::string_view key, const Value& value, std::string_view wanted);
// The same for a value that one of the three functions above rejected: "KEY is out of range" if it
// is a number.
Error bad_number(std::string_view key, const Value& value, std::string_view wanted);

// The str keys and values of a map as an ordered list without duplicates: a key keeps its first
// position and its last value, as in a Python dict.
Result<std::vector<std::pair<std::string, Value*>>> named_values(Value::Map& map,
                                                                 std::string_view what);
Result<UserCounts> user_classes_count(Value::Map& map);

// Reads known keys by moving their values out, and remembers the first error, so that a decoder
// reads all fields and checks once at the end. Results after an error are meaningless. The map must
// outlive the reader.
class FieldReader {
 public:
  explicit FieldReader(Value::Map& map) : map_(map) {}

  // Required keys.
  std::string str(std::string_view key);
  std::string str_or_bin(std::string_view key);
  std::optional<std::string> str_or_nil(std::string_view key);
  double number(std::string_view key);
  std::optional<double> number_or_nil(std::string_view key);
  std::int64_t integer(std::string_view key);
  Value::Map map(std::string_view key);
  Value::Array array(std::string_view key);
  UserCounts user_classes_count(std::string_view key);

  // Keys that may be absent or nil; both return nullopt.
  std::optional<std::string> optional_str(std::string_view key);
  std::optional<double> optional_number(std::string_view key);
  std::optional<Number> optional_exact_number(std::string_view key);
  std::optional<std::int64_t> optional_integer(std::string_view key);
  std::optional<Value::Map> optional_map(std::string_view key);
  std::optional<Value::Array> optional_array(std::string_view key);
  // Null if absent.
  Value* optional_value(std::string_view key);

  // All keys that were not read, in order. Call last.
  Value::Map rest();

  void fail(Error error);
  bool ok() const { return !error_; }
  Error error() const { return *error_; }

 private:
  Value* required(std::string_view key);
  template <typename T>
  std::optional<T> take(std::string_view key, Value* value, std::string_view wanted);

  static constexpr std::size_t kMaxFields = 16;

  Value::Map& map_;
  std::array<std::string_view, kMaxFields> asked_;
  std::size_t asked_count_ = 0;
  std::optional<Error> error_;
};

}  // namespace locust::proto
