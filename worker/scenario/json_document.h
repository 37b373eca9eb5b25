// JsonDocument: a JSON text parsed by simdjson, with support for numbers beyond 64 bits, for which
// simdjson would refuse the whole document. Included only by sources that parse JSON.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string_view>

namespace locust::worker {

// Reusable; keeps its memory for the next text.
class JsonDocument {
 public:
  // Maximum nesting; a deeper text is refused, because values must fit a user's small stack.
  static constexpr std::size_t kMaxDepth = 128;

  // nullopt if `text` is not JSON. The element is valid until the next parse(); to_value()
  // converts numbers beyond 64 bits to LongNumbers.
  std::optional<simdjson::dom::element> parse(std::string_view text);

 private:
  simdjson::error_code read(std::string_view text, simdjson::dom::element& root);

  simdjson::dom::parser parser_;
  std::size_t capacity_ = 0;
};

}  // namespace locust::worker
