#include "tests/target/request.h"

#include <algorithm>
#include <charconv>

namespace locust {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kMaxChunkLineBytes = 4096;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Cuts `text` at the first `separator` and returns what stood before it.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

bool list_contains(std::string_view list, std::string_view word) {
  while (!list.empty())
    if (same_ignoring_case(trim(cut(list, ',')), word)) return true;
  return false;
}

// RFC 9110 tchar, which methods and header names are made of.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text, int base) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = text[i] == '%' && i + 2 < text.size()
                          ? parse_number<std::uint8_t>(text.substr(i + 1, 2), 16)
                          : std::nullopt;
    if (code) i += 2;
    decoded += code ? static_cast<char>(*code) : text[i] == '+' ? ' ' : text[i];
  }
  return decoded;
}

}  // namespace

std::string_view TargetRequest::header(std::string_view name) const {
  for (const TargetHeader& header : headers)
    if (same_ignoring_case(header.name, name)) return header.value;
  return {};
}

std::vector<std::pair<std::string, std::string>> TargetRequest::query_pairs() const {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::string_view rest = query; !rest.empty();) {
    std::string_view value = cut(rest, '&');
    const std::string_view name = cut(value, '=');
    if (!name.empty()) pairs.emplace_back(percent_decode(name), percent_decode(value));
  }
  return pairs;
}

std::optional<std::string> TargetRequest::query_value(std::string_view name) const {
  for (auto& [key, value] : query_pairs())
    if (key == name) return std::move(value);
  return std::nullopt;
}

std::optional<std::uint32_t> parse_target_number(std::string_view text) {
  return parse_number<std::uint32_t>(text, 10);
}

bool TargetRequestParser::take_expects_continue() {
  return state_ != State::kHead && std::exchange(expects_continue_, false);
}

TargetRequestParser::Status TargetRequestParser::feed(std::string_view& input) {
  if (std::exchange(finished_, false)) {
    head_.clear();
    body_.clear();
    if (body_.capacity() > kMaxHeadBytes) body_.shrink_to_fit();
  }
  switch (state_) {
    case State::kHead:
      return feed_head(input);
    case State::kSizedBody:
      return feed_sized_body(input);
    default:
      return feed_chunked_body(input);
  }
}

TargetRequestParser::Status TargetRequestParser::feed_head(std::string_view& input) {
  if (head_.empty()) {
    // Empty lines before a request are allowed (RFC 9112 2.2).
    while (input.starts_with('\r') || input.starts_with('\n')) input.remove_prefix(1);
    const std::size_t end = input.substr(0, kMaxHeadBytes).find(kHeadEnd);
    if (end != std::string_view::npos) {
      const std::string_view head = input.substr(0, end + kHeadEnd.size());
      input.remove_prefix(head.size());
      return begin_body(head, input);
    }
  }
  const std::size_t known = head_.size();
  const std::size_t taken = std::min(input.size(), kMaxHeadBytes - known);
  head_.append(input.substr(0, taken));
  const std::size_t end = head_.find(kHeadEnd, known < 3 ? 0 : known - 3);
  if (end == std::string::npos) {
    if (head_.size() == kMaxHeadBytes) return Status::kHeadTooLarge;
    input.remove_prefix(taken);
    return Status::kIncomplete;
  }
  input.remove_prefix(end + kHeadEnd.size() - known);
  head_.resize(end + kHeadEnd.size());
  return begin_body(head_, input);
}

TargetRequestParser::Status TargetRequestParser::begin_body(std::string_view head,
                                                            std::string_view& input) {
  if (const Status status = parse_head(head); status != Status::kComplete) return status;
  const std::uint64_t length = content_length_.value_or(0);
  if (!chunked_ && length <= input.size()) {
    request_.body = input.substr(0, length);
    input.remove_prefix(length);
    return finish();
  }
  // The body is still to come: keep the head, and let the request's views point to what is kept.
  if (head.data() != head_.data()) {
    head_.assign(head);
    parse_head(head_);
  }
  state_ = chunked_ ? State::kChunkSize : State::kSizedBody;
  return feed(input);
}

TargetRequestParser::Status TargetRequestParser::parse_head(std::string_view head) {
  request_.headers.clear();
  request_.body = {};
  content_length_.reset();
  chunked_ = false;
  expects_continue_ = false;
  std::size_t end = head.find("\r\n");
  if (!parse_request_line(head.substr(0, end))) return Status::kBadRequest;
  for (;;) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    if (end == 0) break;
    std::string_view value = head.substr(0, end);
    const std::string_view name = cut(value, ':');
    const TargetHeader header{name, trim(value)};
    if (name.size() == end || !is_token(name) || has_control_character(header.value))
      return Status::kBadRequest;
    request_.headers.push_back(header);
    if (const Status status = apply_header(header); status != Status::kComplete) return status;
  }
  // Both framings at once are how requests are smuggled (RFC 9112 6.3).
  if (chunked_ && content_length_) return Status::kBadRequest;
  return Status::kComplete;
}

bool TargetRequestParser::parse_request_line(std::string_view line) {
  request_.method = cut(line, ' ');
  std::string_view target = cut(line, ' ');
  if (!is_token(request_.method) || target.empty() || has_control_character(target)) return false;
  if (!line.starts_with("HTTP/1.") || line.size() != 8 || line[7] < '0' || line[7] > '9')
    return false;
  request_.minor_version = line[7] - '0';
  request_.keep_alive = request_.minor_version >= 1;
  if (target.front() != '/' && target != "*") {
    // The absolute form, as sent to a proxy.
    const std::size_t authority = target.find("://");
    if (authority == std::string_view::npos) return false;
    const std::size_t path = target.find('/', authority + 3);
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  request_.path = cut(target, '?');
  request_.query = target;
  return true;
}

TargetRequestParser::Status TargetRequestParser::apply_header(const TargetHeader& header) {
  if (same_ignoring_case(header.name, "content-length")) {
    const auto length = parse_number<std::uint64_t>(header.value, 10);
    if (!length || (content_length_ && content_length_ != length)) return Status::kBadRequest;
    if (*length > kMaxBodyBytes) return Status::kBodyTooLarge;
    content_length_ = length;
  } else if (same_ignoring_case(header.name, "transfer-encoding")) {
    if (!same_ignoring_case(header.value, "chunked") || chunked_) return Status::kNotImplemented;
    chunked_ = true;
  } else if (same_ignoring_case(header.name, "connection")) {
    if (list_contains(header.value, "close")) request_.keep_alive = false;
    if (list_contains(header.value, "keep-alive")) request_.keep_alive = true;
  } else if (same_ignoring_case(header.name, "expect")) {
    expects_continue_ = same_ignoring_case(header.value, "100-continue");
  }
  return Status::kComplete;
}

TargetRequestParser::Status TargetRequestParser::feed_sized_body(std::string_view& input) {
  const std::size_t taken = std::min<std::size_t>(input.size(), *content_length_ - body_.size());
  body_.append(input.substr(0, taken));
  input.remove_prefix(taken);
  if (body_.size() < *content_length_) return Status::kIncomplete;
  request_.body = body_;
  return finish();
}

TargetRequestParser::Status TargetRequestParser::feed_chunked_body(std::string_view& input) {
  while (!input.empty()) {
    if (state_ == State::kChunkData) {
      const std::size_t taken = std::min<std::uint64_t>(input.size(), chunk_left_);
      body_.append(input.substr(0, taken));
      input.remove_prefix(taken);
      chunk_left_ -= taken;
      if (chunk_left_ == 0) state_ = State::kChunkEnd;
      continue;
    }
    if (!take_line(input))
      return line_.size() < kMaxChunkLineBytes ? Status::kIncomplete : Status::kBadRequest;
    if (state_ == State::kChunkSize) {
      if (const Status status = chunk_size_line(); status != Status::kComplete) return status;
    } else if (state_ == State::kChunkEnd) {
      if (!line_.empty()) return Status::kBadRequest;
      state_ = State::kChunkSize;
    } else if (line_.empty()) {
      request_.body = body_;
      return finish();
    } else if ((trailer_bytes_ += line_.size()) > kMaxHeadBytes) {
      return Status::kHeadTooLarge;
    }
  }
  return Status::kIncomplete;
}

TargetRequestParser::Status TargetRequestParser::chunk_size_line() {
  std::string_view line = line_;
  const auto size = parse_number<std::uint64_t>(trim(cut(line, ';')), 16);
  if (!size) return Status::kBadRequest;
  if (*size > kMaxBodyBytes - body_.size()) return Status::kBodyTooLarge;
  chunk_left_ = *size;
  trailer_bytes_ = 0;
  state_ = *size == 0 ? State::kTrailers : State::kChunkData;
  return Status::kComplete;
}

// Moves input into line_ up to a line's end, which it drops. False if there is none yet.
bool TargetRequestParser::take_line(std::string_view& input) {
  if (std::exchange(line_complete_, false)) line_.clear();
  const std::size_t end = input.find('\n');
  const std::size_t taken = std::min({end, input.size(), kMaxChunkLineBytes - line_.size()});
  line_.append(input.substr(0, taken));
  input.remove_prefix(taken);
  if (taken != end) return false;
  input.remove_prefix(1);
  if (line_.ends_with('\r')) line_.pop_back();
  line_complete_ = true;
  return true;
}

// Ready for the next request; what the finished one points to stays until then.
TargetRequestParser::Status TargetRequestParser::finish() {
  state_ = State::kHead;
  finished_ = true;
  return Status::kComplete;
}

}  // namespace locust
