// ResponseHead: the properties of a response's body according to its header lines, read while they
// arrive. libcurl treats contradictory or oversized lengths as a body without a length, so they are
// checked here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "worker/http/failure.h"

namespace locust::worker {

// Belongs to one hop and describes its last response, after interim responses or a login challenge.
// The header lines of all of them, including trailers, have a common size limit.
class ResponseHead {
 public:
  // Resets it for a new hop.
  void begin();
  // Reads the next line, including its line end. A failure ends the request.
  std::optional<Failure> add(std::string_view line);

  bool any() const { return bytes_ > 0; }
  // Whether the blank line has arrived.
  bool complete() const { return complete_; }
  // Values of all Content-Encoding lines, joined by ", ".
  const std::string& content_encoding() const { return content_encoding_; }

 private:
  void begin_response();
  void read_length(std::string_view value);
  void read_transfer_encoding(std::string_view value);

  std::size_t bytes_ = 0;
  bool complete_ = false;
  bool chunked_ = false;
  bool unknown_transfer_encoding_ = false;
  std::optional<std::uint64_t> length_;
  // Set if the length is wrong. A failure unless the body is chunked, which overrides the length.
  std::optional<Failure> wrong_length_;
  std::string content_encoding_;
};

// "HTTP/1.1 404 Not Found\r\n" -> "Not Found", truncated to a bounded length.
std::string_view reason_of(std::string_view status_line);

}  // namespace locust::worker
