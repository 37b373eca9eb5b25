// JsonDocument: a parsed JSON text, simdjson's but for numbers that do not fit into 64 bits, of
// which one makes simdjson refuse the whole document. Included only by sources that parse JSON.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string_view>

namespace locust::worker {

// Reusable; keeps its memory for the next text.
class JsonDocument {
 public:
  // Levels of nesting; a text with more is not read, so that values fit a user's small stack.
  static constexpr std::size_t kMaxDepth = 128;

  // nullopt if `text` is not JSON. The element is valid until the next parse(); to_value() makes
  // numbers that do not fit LongNumbers.
  std::optional<simdjson::dom::element> parse(std::string_view text);

 private:
  simdjson::error_code read(std::string_view text, simdjson::dom::element& root);

  simdjson::dom::parser parser_;
  std::size_t capacity_ = 0;
};

}  // namespace locust::worker
