// Writes MessagePack into a string, piece by piece, as Python's packb does. For the codec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/number.h"
#include "proto/value.h"

namespace locust::proto {

// The caller must write the announced number of elements after each header. Integers and headers
// have their shortest form, floats keep their width.
class Packer {
 public:
  void nil();
  void boolean(bool b);
  void integer(std::int64_t i);
  void unsigned_integer(std::uint64_t i);
  void float32(float f);
  void float64(double d);
  void number(const Number& n);
  // Repairs invalid UTF-8.
  void str(std::string_view text);
  void bin(std::string_view bytes);
  void ext(std::int8_t type, std::string_view bytes);
  void array(std::size_t size);
  void map(std::size_t entries);
  void value(const Value& value);
  // Keys and values without a header.
  void entries(const Value::Map& map);

  std::string take() { return std::move(sink_.bytes); }

 private:
  struct Sink {
    std::string bytes;
    void write(const char* data, std::size_t size) { bytes.append(data, size); }
  };

  Sink sink_;
};

}  // namespace locust::proto
