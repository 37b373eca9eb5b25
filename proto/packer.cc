#include "proto/packer.h"

#include <array>
#include <bit>
#include <msgpack.hpp>

#include "common/base/utf8.h"

namespace locust::proto {
namespace {

// msgpack-cxx writes whole floats as integers. Python never does, and receivers may distinguish the
// types.
template <typename Bits>
std::array<char, 1 + sizeof(Bits)> tagged_big_endian(unsigned char tag, Bits bits) {
  std::array<char, 1 + sizeof(Bits)> out{static_cast<char>(tag)};
  for (std::size_t i = 0; i < sizeof(Bits); ++i) {
    out[sizeof(Bits) - i] = static_cast<char>(bits >> (8 * i) & 0xff);
  }
  return out;
}

}  // namespace

void Packer::nil() { msgpack::packer(sink_).pack_nil(); }
void Packer::boolean(bool b) {
  b ? msgpack::packer(sink_).pack_true() : msgpack::packer(sink_).pack_false();
}
void Packer::integer(std::int64_t i) { msgpack::packer(sink_).pack_int64(i); }
void Packer::unsigned_integer(std::uint64_t i) { msgpack::packer(sink_).pack_uint64(i); }

void Packer::float32(float f) {
  const auto bytes = tagged_big_endian(0xca, std::bit_cast<std::uint32_t>(f));
  sink_.write(bytes.data(), bytes.size());
}

void Packer::float64(double d) {
  const auto bytes = tagged_big_endian(0xcb, std::bit_cast<std::uint64_t>(d));
  sink_.write(bytes.data(), bytes.size());
}

void Packer::number(const Number& n) {
  if (n.is_float()) {
    float64(n.as_double());
  } else {
    integer(n.to_int());
  }
}

void Packer::str(std::string_view text) {
  if (!is_valid_utf8(text)) return str(repair_utf8(text));
  msgpack::packer(sink_).pack_str(static_cast<std::uint32_t>(text.size()));
  sink_.write(text.data(), text.size());
}

void Packer::bin(std::string_view bytes) {
  msgpack::packer(sink_).pack_bin(static_cast<std::uint32_t>(bytes.size()));
  sink_.write(bytes.data(), bytes.size());
}

void Packer::ext(std::int8_t type, std::string_view bytes) {
  msgpack::packer(sink_).pack_ext(bytes.size(), type);
  sink_.write(bytes.data(), bytes.size());
}

void Packer::array(std::size_t size) {
  msgpack::packer(sink_).pack_array(static_cast<std::uint32_t>(size));
}

void Packer::map(std::size_t entries) {
  msgpack::packer(sink_).pack_map(static_cast<std::uint32_t>(entries));
}

void Packer::value(const Value& value) {
  struct Write {
    Packer& out;
    void operator()(Value::Nil) const { out.nil(); }
    void operator()(bool b) const { out.boolean(b); }
    void operator()(std::int64_t i) const { out.integer(i); }
    void operator()(std::uint64_t i) const { out.unsigned_integer(i); }
    void operator()(float f) const { out.float32(f); }
    void operator()(double d) const { out.float64(d); }
    void operator()(const std::string& s) const { out.str(s); }
    void operator()(const Value::Bin& b) const { out.bin(b.bytes); }
    void operator()(const Value::Ext& e) const { out.ext(e.type, e.bytes); }
    void operator()(const Value::Array& a) const {
      out.array(a.size());
      for (const Value& element : a) out.value(element);
    }
    void operator()(const Value::Map& m) const {
      out.map(m.size());
      out.entries(m);
    }
  };
  value.visit(Write{*this});
}

void Packer::entries(const Value::Map& map) {
  for (const auto& [key, element] : map) {
    value(key);
    value(element);
  }
}

}  // namespace locust::proto
