#include "worker/user/evidence.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "common/base/credential_names.h"
#include "common/base/mask.h"

namespace locust::worker {
namespace {

constexpr std::size_t kMaxHeaderBytes = 8 << 10;  // of each side; the rest is cut off

// Appends at most the remaining room.
void append(std::string& text, std::string_view more, std::size_t most = kMaxHeaderBytes) {
  text.append(more.substr(0, most - std::min(most, text.size())));
}

// Collects the lines of a head, a few more than are shown.
class Head {
 public:
  explicit Head(const std::string& first_line) { add(first_line); }
  void add(std::string_view text) { append(text_, text, kMost); }
  void add_header(std::string_view name, std::string_view value) {
    add(name);
    add(": ");
    add(carries_credentials(name) ? kMask : value);
    add("\n");
  }
  std::string masked() const {
    return masked_head(text_, kMaxHeaderBytes, TextKind::kDocument, text_.size() == kMost);
  }

 private:
  static constexpr std::size_t kMost = kMaxHeaderBytes + kMaskAhead;
  std::string text_;
};

// "(16 bytes of body)", or a description of its parts.
std::string body_line(const HttpRequest& request) {
  if (request.body_parts.empty()) {
    if (request.body.empty()) return {};
    return std::string("(").append(std::to_string(request.body.size())).append(" bytes of body)\n");
  }
  std::string line = "(body of ";
  for (const HttpBodyPart& part : request.body_parts) {
    if (line.back() != ' ') line += ", ";
    line += part.file.empty() ? std::to_string(part.text.size()) + " bytes" : part.file;
  }
  return line + ")\n";
}

}  // namespace

std::string request_head(const HttpRequest& request) {
  Head head(request.method + " ");
  head.add(request.url);
  head.add("\n");
  for (const HttpHeader& header : request.headers) head.add_header(header.name, header.value);
  return head.masked();
}

std::string response_head(const HttpResponse& response) {
  if (response.status == 0) return {};
  Head head("HTTP " + std::to_string(response.status) + "\n");
  std::string_view rest = response.headers;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    head.add_header(line.substr(0, colon),
                    value == std::string_view::npos ? std::string_view() : line.substr(value));
  }
  return head.masked();
}

FailedExchange failed_exchange(const Exchange& exchange, EvidenceLevel level) {
  const HttpRequest& request = exchange.request;
  const HttpResponse& response = exchange.response;
  FailedExchange failed;
  failed.request = request_head(request);
  append(failed.request, body_line(request));
  if (!response.redirected_url.empty()) {
    append(failed.request, "(redirected to ");
    append(failed.request,
           masked(std::string_view(response.redirected_url).substr(0, kMaxHeaderBytes)));
    append(failed.request, ")\n");
  }
  failed.response = response_head(response);
  if (failed.response.empty() || level != EvidenceLevel::kFull) return failed;
  failed.body = masked_head(response.body, kEvidenceBytes, TextKind::kDocument,
                            response.content_length > response.body.size());
  return failed;
}

}  // namespace locust::worker
