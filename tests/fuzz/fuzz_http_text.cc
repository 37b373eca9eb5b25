// The texts of HTTP that the routes read themselves, on arbitrary bytes: never crashes, and the
// bounds hold.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/base/utf8.h"
#include "master/web/http_text.h"
#include "master/web/swarm_form.h"

namespace locust::master::web {
namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_fields(const Fields& fields) {
  check(fields.size() <= kMaxFields + 1);
  for (const auto& [name, value] : fields) {
    check(is_valid_utf8(name) && is_valid_utf8(value));
  }
  if (const auto form = parse_swarm_form(fields); !form) check(!form.error().empty());
}

// Everything that reads or writes such a text.
void check_text(std::string_view text) {
  const std::size_t half = text.size() / 2;
  check_fields(parse_form(text));
  check_fields(parse_multipart(text.substr(0, half), text.substr(half)));
  check_fields(parse_multipart("multipart/form-data; boundary=x", text));
  check(parse_cookies(text).size() <= kMaxFields + 1);
  check(is_valid_utf8(percent_decode(text, Plus::kIsPlus)));
  if (const auto rest = below_base_path(text, text.substr(0, half))) {
    check(rest->empty() || rest->front() == '/');
  }
  (void)accepts_gzip(text);
  for (const char c : escape_html(text)) check(c != '<' && c != '"');
  for (const char c : attachment(text)) check(c >= ' ' && c <= '~');
}

}  // namespace
}  // namespace locust::master::web

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  locust::master::web::check_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
