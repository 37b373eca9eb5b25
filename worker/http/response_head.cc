#include "worker/http/response_head.h"

#include <charconv>
#include <limits>

#include "common/base/text.h"
#include "worker/http/header_name.h"

namespace locust::worker {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
// The overhead of each line, as HPACK counts it (RFC 7541, 4.1).
constexpr std::size_t kLineOverhead = 32;

// libcurl's type for lengths is signed.
constexpr std::uint64_t kMaxLength = std::numeric_limits<std::int64_t>::max();

// Calls `each` with every element of a comma-separated list.
template <typename Each>
void for_each_element(std::string_view list, Each&& each) {
  for (;;) {
    const std::size_t comma = list.find(',');
    each(trimmed(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

void ResponseHead::begin() {
  bytes_ = 0;
  complete_ = false;
  begin_response();
}

void ResponseHead::begin_response() {
  complete_ = chunked_ = unknown_transfer_encoding_ = false;
  length_.reset();
  wrong_length_.reset();
  content_encoding_.clear();
}

std::optional<Failure> ResponseHead::add(std::string_view line) {
  bytes_ += line.size() + kLineOverhead;
  if (bytes_ > kMaxBytes) return headers_too_large_failure();
  if (line == "\r\n" || line == "\n") {
    if (unknown_transfer_encoding_) return transfer_encoding_failure();
    if (wrong_length_ && !chunked_) return wrong_length_;
    complete_ = true;
    return std::nullopt;
  }
  if (line.starts_with("HTTP/")) {
    begin_response();
    return std::nullopt;
  }
  const std::size_t colon = line.find(':');
  if (complete_ || colon == std::string_view::npos) return std::nullopt;  // a trailer
  const std::string_view name = line.substr(0, colon);
  const auto value = [&] { return trimmed(line.substr(colon + 1)); };
  if (same_name(name, "content-length")) {
    read_length(value());
  } else if (same_name(name, "transfer-encoding")) {
    read_transfer_encoding(value());
  } else if (same_name(name, "content-encoding")) {
    if (!content_encoding_.empty()) content_encoding_ += ", ";
    content_encoding_ += value();
  }
  return std::nullopt;
}

// RFC 9112, 6.3: several equal lengths count as one.
void ResponseHead::read_length(std::string_view value) {
  for_each_element(value, [this](std::string_view text) {
    std::uint64_t length = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, length);
    if (wrong_length_) return;
    if (read.ec == std::errc::invalid_argument || read.ptr != end) {
      wrong_length_ = invalid_length_failure();
    } else if (read.ec != std::errc() || length > kMaxLength) {
      wrong_length_ = length_overflow_failure();
    } else if (length_.value_or(length) != length) {
      wrong_length_ = contradicting_lengths_failure();
    }
    length_ = length;
  });
}

// The request accepts no other coding (TE), so only chunked is allowed.
void ResponseHead::read_transfer_encoding(std::string_view value) {
  for_each_element(value, [this](std::string_view coding) {
    if (same_name(coding, "chunked")) {
      chunked_ = true;
    } else if (!coding.empty() && !same_name(coding, "identity")) {
      unknown_transfer_encoding_ = true;
    }
  });
}

std::string_view reason_of(std::string_view status_line) {
  constexpr std::size_t kMaxReason = 200;
  std::string_view line = status_line.substr(0, status_line.find_last_not_of("\r\n") + 1);
  for (int i = 0; i < 2; ++i) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) return {};
    line.remove_prefix(blank + 1);
  }
  return line.substr(0, kMaxReason);
}

}  // namespace locust::worker
