#include "proto/value.h"

#include <array>
#include <cmath>
#include <msgpack.hpp>

#include "common/base/utf8.h"
#include "proto/packer.h"

namespace locust::proto {
namespace {

// Builds the value while msgpack-cxx reads. Two rules keep memory bounded by the input: every
// element takes at least one byte, so all headers together cannot announce more elements than the
// message has bytes; and containers reserve exactly what was announced, so that they never grow
// (which also keeps slot_ valid).
class Builder : public msgpack::null_visitor {
 public:
  Builder(std::size_t message_bytes, const Limits& limits)
      : max_depth_(limits.max_depth),
        max_values_(limits.max_values),
        message_bytes_(message_bytes) {}

  bool visit_nil() { return put(Value()); }
  bool visit_boolean(bool b) { return put(b); }
  bool visit_positive_integer(std::uint64_t i) { return put(i); }
  bool visit_negative_integer(std::int64_t i) { return put(i); }
  bool visit_float32(float f) { return put(f); }
  bool visit_float64(double d) { return put(d); }

  bool visit_str(const char* data, std::uint32_t size) {
    const std::string_view text(data, size);
    if (!is_valid_utf8(text)) return fail("a str is not valid UTF-8");
    return put(text);
  }
  bool visit_bin(const char* data, std::uint32_t size) {
    return put(Value::Bin{std::string(data, size)});
  }
  bool visit_ext(const char* data, std::uint32_t size) {  // the type is the first byte
    Value::Ext ext{static_cast<std::int8_t>(data[0]), std::string(data + 1, size - 1)};
    const std::size_t n = ext.bytes.size();
    if (ext.type == -1 && n != 4 && n != 8 && n != 12) return fail("a timestamp of wrong length");
    return put(std::move(ext));
  }

  bool start_array(std::uint32_t size) {
    if (!enter(size)) return false;
    Value::Array& array = slot_->emplace<Value::Array>();
    array.reserve(size);
    open_.push_back({&array, nullptr});
    return true;
  }
  bool start_array_item() {
    slot_ = &open_.back().array->emplace_back();
    return true;
  }
  bool end_array() {
    open_.pop_back();
    return true;
  }

  bool start_map(std::uint32_t size) {
    if (!enter(std::uint64_t{2} * size)) return false;
    Value::Map& map = slot_->emplace<Value::Map>();
    map.reserve(size);
    open_.push_back({nullptr, &map});
    return true;
  }
  bool start_map_key() {
    slot_ = &open_.back().map->emplace_back().first;
    in_key_ = true;
    return true;
  }
  bool end_map_key() {
    in_key_ = false;
    return true;
  }
  bool start_map_value() {
    slot_ = &open_.back().map->back().second;
    return true;
  }
  bool end_map() { return end_array(); }

  void parse_error(std::size_t, std::size_t) {
    fail("a byte that no MessagePack value begins with");
  }
  void insufficient_bytes(std::size_t, std::size_t) { fail("truncated"); }

  Value take() { return std::move(root_); }
  const char* error() const { return error_; }

 private:
  struct Open {
    Value::Array* array;
    Value::Map* map;
  };

  template <typename T>
  bool put(T&& value) {
    *slot_ = Value(std::forward<T>(value));
    return true;
  }

  bool enter(std::uint64_t elements) {
    if (in_key_) return fail("an array or map as a map key");
    if (open_.size() >= max_depth_) return fail("nested too deeply");
    announced_ += elements;
    if (announced_ > message_bytes_) return fail("more elements announced than there are bytes");
    if (announced_ > max_values_) return fail("too many elements");
    return true;
  }

  bool fail(const char* error) {
    if (error_ == nullptr) error_ = error;
    return false;
  }

  const std::size_t max_depth_;
  const std::size_t max_values_;
  const std::size_t message_bytes_;
  Value root_;
  Value* slot_ = &root_;  // where the next value goes
  std::vector<Open> open_;
  bool in_key_ = false;
  std::uint64_t announced_ = 1;  // values announced by all headers so far, and the message itself
  const char* error_ = nullptr;
};

}  // namespace

const char* Value::kind_name() const {
  static constexpr std::array kNames = {"nil", "bool", "int", "int",   "float", "float",
                                        "str", "bin",  "ext", "array", "map"};
  static_assert(kNames.size() == std::variant_size_v<decltype(data_)>);
  return kNames[data_.index()];
}

std::optional<std::int64_t> Value::to_int() const {
  if (const auto* i = get_if<std::int64_t>()) return *i;
  if (get_if<std::uint64_t>() != nullptr) return std::nullopt;  // above int64 by construction
  const std::optional<double> d = to_double();
  if (!d || !(*d >= -0x1p63 && *d < 0x1p63)) return std::nullopt;
  return static_cast<std::int64_t>(*d);
}

std::optional<double> Value::to_double() const {
  if (const auto* i = get_if<std::int64_t>()) return static_cast<double>(*i);
  if (const auto* u = get_if<std::uint64_t>()) return static_cast<double>(*u);
  if (const auto* f = get_if<float>()) return static_cast<double>(*f);
  if (const auto* d = get_if<double>()) return *d;
  return std::nullopt;
}

const Value* Value::find(std::string_view key) const {
  const Map* entries = map();
  return entries == nullptr ? nullptr : proto::find(*entries, key);
}

const Value* find(const Value::Map& map, std::string_view key) {
  for (auto it = map.rbegin(); it != map.rend(); ++it) {
    const std::string* name = it->first.str();
    if (name != nullptr && *name == key) return &it->second;
  }
  return nullptr;
}

Result<Value> parse(std::string_view bytes, const Limits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return Error{"message of " + std::to_string(bytes.size()) + " bytes is above the limit of " +
                 std::to_string(limits.max_bytes)};
  }
  Builder builder(bytes.size(), limits);
  std::size_t read = 0;
  msgpack::parse(bytes.data(), bytes.size(), read, builder);
  if (builder.error() != nullptr) return Error{std::string("not a message: ") + builder.error()};
  if (read != bytes.size()) {
    return Error{"not a message: " + std::to_string(bytes.size() - read) + " bytes left over"};
  }
  return builder.take();
}

std::string pack(const Value& value) {
  Packer packer;
  packer.value(value);
  return packer.take();
}

}  // namespace locust::proto
