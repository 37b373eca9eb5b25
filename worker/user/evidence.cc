#include "worker/user/evidence.h"

#include <strings.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "worker/http/url.h"

namespace locust::worker {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::size_t kMaxHeaderBytes = 8 << 10;  // of each side; the rest is cut off

bool contains(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), [](char a, char b) {
           return ::tolower(static_cast<unsigned char>(a)) == b;
         }) != text.end();
}

// Appends as much as there is room for.
void append(std::string& text, std::string_view more) {
  text.append(more.substr(0, kMaxHeaderBytes - std::min(kMaxHeaderBytes, text.size())));
}

void append_header(std::string& text, std::string_view name, std::string_view value) {
  append(text, name);
  append(text, ": ");
  append(text, carries_credentials(name) ? kMask : value);
  append(text, "\n");
}

// "(16 bytes of body)", or what its parts are.
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

bool carries_credentials(std::string_view name) {
  constexpr std::string_view kParts[] = {"auth", "cookie", "token", "key", "secret", "password"};
  return std::any_of(std::begin(kParts), std::end(kParts),
                     [&](std::string_view part) { return contains(name, part); });
}

std::string request_head(const HttpRequest& request) {
  std::string text;
  append(text, request.method + " ");
  append(text, masked_url(request.url));
  append(text, "\n");
  for (const HttpHeader& header : request.headers) append_header(text, header.name, header.value);
  return text;
}

std::string response_head(const HttpResponse& response) {
  if (response.status == 0) return {};
  std::string text = "HTTP " + std::to_string(response.status) + "\n";
  std::string_view rest = response.headers;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    append_header(text, line.substr(0, colon),
                  value == std::string_view::npos ? std::string_view() : line.substr(value));
  }
  return text;
}

FailedExchange failed_exchange(const Exchange& exchange) {
  const HttpRequest& request = exchange.request;
  const HttpResponse& response = exchange.response;
  FailedExchange failed;
  failed.request = request_head(request);
  append(failed.request, body_line(request));
  if (!response.redirected_url.empty()) {
    append(failed.request, "(redirected to ");
    append(failed.request, masked_url(response.redirected_url));
    append(failed.request, ")\n");
  }
  failed.response = response_head(response);
  if (failed.response.empty()) return failed;
  failed.body = response.body.substr(0, kEvidenceBytes);
  return failed;
}

}  // namespace locust::worker
