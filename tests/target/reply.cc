#include "tests/target/reply.h"

#include <array>
#include <charconv>

namespace locust {
namespace {

constexpr std::string_view kJson = "application/json";

void append_head(std::string& out, int status, std::string_view content_type,
                 std::optional<std::uint64_t> length, std::string_view extra_headers) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(status));
  out += ' ';
  out += target_reason(status);
  out += "\r\n";
  if (!content_type.empty()) {
    out += "Content-Type: ";
    out += content_type;
    out += "\r\n";
  }
  if (length) {
    out += "Content-Length: ";
    append_number(out, *length);
    out += "\r\n";
  }
  out += extra_headers;
}

// These have no body and announce none (RFC 9110 8.6).
bool is_bodiless(int status) { return status == 204 || status == 304; }

std::string chunk_text(std::uint32_t number, std::uint32_t count) {
  return "chunk " + std::to_string(number) + " of " + std::to_string(count) + "\n";
}

}  // namespace

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

std::string_view target_reason(int status) {
  struct Reason {
    int status;
    std::string_view text;
  };
  static constexpr std::array kReasons = {
      Reason{200, "OK"},
      Reason{201, "Created"},
      Reason{202, "Accepted"},
      Reason{204, "No Content"},
      Reason{206, "Partial Content"},
      Reason{301, "Moved Permanently"},
      Reason{302, "Found"},
      Reason{303, "See Other"},
      Reason{304, "Not Modified"},
      Reason{307, "Temporary Redirect"},
      Reason{308, "Permanent Redirect"},
      Reason{400, "Bad Request"},
      Reason{401, "Unauthorized"},
      Reason{403, "Forbidden"},
      Reason{404, "Not Found"},
      Reason{405, "Method Not Allowed"},
      Reason{408, "Request Timeout"},
      Reason{409, "Conflict"},
      Reason{410, "Gone"},
      Reason{413, "Content Too Large"},
      Reason{418, "I'm a Teapot"},
      Reason{422, "Unprocessable Content"},
      Reason{429, "Too Many Requests"},
      Reason{431, "Request Header Fields Too Large"},
      Reason{500, "Internal Server Error"},
      Reason{501, "Not Implemented"},
      Reason{502, "Bad Gateway"},
      Reason{503, "Service Unavailable"},
      Reason{504, "Gateway Timeout"},
  };
  for (const Reason& reason : kReasons)
    if (reason.status == status) return reason.text;
  return "Unknown";
}

TargetPage make_target_page(int status, std::string body, std::string_view extra_headers) {
  TargetPage page{status, {}, std::move(body)};
  append_head(page.head, status, kJson, page.body.size(), extra_headers);
  page.head += "\r\n";
  return page;
}

TargetReply::TargetReply(const TargetRequest& request, std::string& out)
    : request_(request),
      out_(out),
      head_only_(request.method == "HEAD"),
      end_(request.keep_alive ? End::kKeepAlive : End::kClose) {}

void TargetReply::send(const TargetPage& page) {
  status_ = page.status;
  if (end_ == End::kKeepAlive && request_.minor_version > 0) {
    out_ += page.head;
  } else {
    out_.append(page.head, 0, page.head.size() - 2);
    append_connection_header();
    out_ += "\r\n";
  }
  if (!head_only_) out_ += page.body;
}

void TargetReply::send_json(int status, std::string_view body, std::string_view extra_headers) {
  if (is_bodiless(status)) {
    begin(status, {}, std::nullopt, extra_headers);
    return;
  }
  begin(status, kJson, body.size(), extra_headers);
  if (!head_only_) out_ += body;
}

void TargetReply::send_html(int status, std::string_view body) {
  begin(status, "text/html; charset=utf-8", body.size(), {});
  if (!head_only_) out_ += body;
}

void TargetReply::send_filler(std::uint64_t size) {
  begin(200, "application/octet-stream", size, {});
  if (!head_only_) filler_bytes_ = size;
}

void TargetReply::send_chunks(std::uint32_t count) {
  if (request_.minor_version == 0) {
    std::string body;
    for (std::uint32_t i = 1; i <= count; ++i) body += chunk_text(i, count);
    begin(200, "text/plain", body.size(), {});
    if (!head_only_) out_ += body;
    return;
  }
  begin(200, "text/plain", std::nullopt, "Transfer-Encoding: chunked\r\n");
  if (head_only_) return;
  for (std::uint32_t i = 1; i <= count; ++i) {
    const std::string text = chunk_text(i, count);
    std::array<char, 8> digits;
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), text.size(), 16);
    out_.append(digits.data(), end);
    out_ += "\r\n";
    out_ += text;
    out_ += "\r\n";
  }
  out_ += "0\r\n\r\n";
}

void TargetReply::begin(int status, std::string_view content_type,
                        std::optional<std::uint64_t> length, std::string_view extra_headers) {
  status_ = status;
  append_head(out_, status, content_type, length, extra_headers);
  append_connection_header();
  out_ += "\r\n";
}

// Persistence is HTTP/1.1's default and must be said in HTTP/1.0.
void TargetReply::append_connection_header() {
  if (end_ != End::kKeepAlive)
    out_ += "Connection: close\r\n";
  else if (request_.minor_version == 0)
    out_ += "Connection: keep-alive\r\n";
}

}  // namespace locust
