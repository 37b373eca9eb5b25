// The HTTP/1.x request as the sample server sees it, and the parser that finds requests in a byte
// stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace locust {

struct TargetHeader {
  std::string_view name;
  std::string_view value;
};

// One complete request. Its views point into the parser or into the bytes given to feed(); they
// hold until the parser is fed again.
struct TargetRequest {
  std::string_view method;
  std::string_view path;   // without query; an absolute-form target has lost scheme and authority
  std::string_view query;  // without '?', still encoded
  int minor_version = 1;   // HTTP/1.x
  bool keep_alive = true;
  std::vector<TargetHeader> headers;  // in order, names as received
  std::string_view body;              // without chunk framing

  // The first header of that name, whatever its case; empty if there is none.
  std::string_view header(std::string_view name) const;
  // The query's pairs and the first value of one name, both percent-decoded.
  std::vector<std::pair<std::string, std::string>> query_pairs() const;
  std::optional<std::string> query_value(std::string_view name) const;
};

// A plain decimal number, or nothing if `text` is anything else or out of range.
std::optional<std::uint32_t> parse_target_number(std::string_view text);

// Finds one request after another in a stream that arrives in pieces of any size. A request that
// lies whole in one piece is parsed in place, without a copy or an allocation.
class TargetRequestParser {
 public:
  static constexpr std::size_t kMaxHeadBytes = 64 * 1024;
  static constexpr std::size_t kMaxBodyBytes = 64 * 1024 * 1024;

  enum class Status {
    kIncomplete,      // all input was taken, more is needed
    kComplete,        // request() holds it; the rest of the input belongs to the next one
    kBadRequest,      // 400
    kBodyTooLarge,    // 413
    kHeadTooLarge,    // 431
    kNotImplemented,  // 501, an unknown transfer coding
  };

  // Takes bytes from the front of `input` up to the end of the current request. After kComplete the
  // next call begins a new request; after an error the stream has no further request.
  Status feed(std::string_view& input);

  const TargetRequest& request() const { return request_; }

  // True once per request: its head has come, its body has not, and the client waits for
  // "100 Continue" before it sends it.
  bool take_expects_continue();

 private:
  enum class State { kHead, kSizedBody, kChunkSize, kChunkData, kChunkEnd, kTrailers };

  Status feed_head(std::string_view& input);
  Status feed_sized_body(std::string_view& input);
  Status feed_chunked_body(std::string_view& input);
  Status begin_body(std::string_view head, std::string_view& input);
  Status parse_head(std::string_view head);
  bool parse_request_line(std::string_view line);
  Status apply_header(const TargetHeader& header);
  Status chunk_size_line();
  bool take_line(std::string_view& input);
  Status finish();

  State state_ = State::kHead;
  TargetRequest request_;
  std::string head_;  // the head, where it did not come in one piece with its body
  std::string body_;  // the body so far, likewise
  std::string line_;  // the chunk size or trailer line so far

  std::optional<std::uint64_t> content_length_;
  bool chunked_ = false;
  bool expects_continue_ = false;
  bool line_complete_ = false;
  bool finished_ = false;  // head_ and body_ hold the request handed out last
  std::uint64_t chunk_left_ = 0;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace locust
