#include "worker/http/exchange.h"

#include <strings.h>

namespace locust::worker {
namespace {

// The capacity that a string keeps for the next request: enough for typical pages, acceptable for
// ten thousand users that each have read one large page.
constexpr std::size_t kKeptCapacity = std::size_t{16} << 10;

void empty(std::string& s) {
  if (s.capacity() > kKeptCapacity)
    std::string().swap(s);
  else
    s.clear();
}

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

}  // namespace

std::optional<std::string_view> HttpResponse::header(std::string_view name) const {
  std::string_view rest = headers;
  while (!rest.empty()) {
    const auto end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
    const auto colon = line.find(':');
    if (colon != name.size() || ::strncasecmp(line.data(), name.data(), colon) != 0) continue;
    return trim(line.substr(colon + 1));
  }
  return std::nullopt;
}

void HttpResponse::clear() {
  status = 0;
  error = HttpErrorKind::kNone;
  empty(error_text);
  empty(reason);
  empty(redirected_url);
  empty(headers);
  empty(body);
  content_length = 0;
  redirects = 0;
  response_time = Duration::zero();
  phases = {};
}

}  // namespace locust::worker
