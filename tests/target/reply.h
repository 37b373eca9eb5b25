// What the sample server answers to one request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "tests/target/request.h"

namespace locust {

// The reason phrase of a status code; "Unknown" for a code without one.
std::string_view target_reason(int status);

// A response rendered once and sent many times. `head` ends with its empty line.
struct TargetPage {
  int status;
  std::string head;
  std::string body;
};

// `extra_headers` are whole lines, each with its CRLF.
TargetPage make_target_page(int status, std::string body, std::string_view extra_headers = {});

// Collects one response at the end of `out`, leaving out the body for HEAD, and what else the
// connection shall do. A handler calls one of the send functions, or none to end the connection
// without a response. Lives only while the request is handled; `request` and `out` must outlive it.
class TargetReply final {
 public:
  enum class End { kKeepAlive, kClose, kReset };

  TargetReply(const TargetRequest& request, std::string& out);

  void send(const TargetPage& page);
  void send_json(int status, std::string_view body, std::string_view extra_headers = {});
  void send_html(int status, std::string_view body);
  // A body of `size` filler bytes. The bytes themselves are the connection's to send.
  void send_filler(std::uint64_t size);
  // A body of one short line per chunk; HTTP/1.0, which has no chunks, gets it in one piece.
  void send_chunks(std::uint32_t count);

  void wait_before_sending(Duration delay) { delay_ = delay; }
  // After the response, if any. The send functions announce a close, so set it before.
  void set_end(End end) { end_ = end; }
  void do_not_count() { counted_ = false; }

  int status() const { return status_; }  // 0: no response
  std::uint64_t filler_bytes() const { return filler_bytes_; }
  std::optional<Duration> delay() const { return delay_; }
  End end() const { return end_; }
  bool counted() const { return counted_; }

 private:
  void begin(int status, std::string_view content_type, std::optional<std::uint64_t> length,
             std::string_view extra_headers);
  void append_connection_header();

  const TargetRequest& request_;
  std::string& out_;
  bool head_only_;
  int status_ = 0;
  std::uint64_t filler_bytes_ = 0;
  std::optional<Duration> delay_;
  End end_;
  bool counted_ = true;
};

// Appends `number` in decimal.
void append_number(std::string& out, std::uint64_t number);

}  // namespace locust
