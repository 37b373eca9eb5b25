#include "common/base/time_span.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace locust {
namespace {

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array<Unit, 3> kUnits = {{{'h', 3600}, {'m', 60}, {'s', 1}}};
constexpr std::int64_t kLimit =
    100L * 365 * 24 * 3600;  // keeps every sum and product inside 64 bits

}  // namespace

Result<std::chrono::seconds> parse_time_span(std::string_view text) {
  const Error invalid{"Invalid time span format '" + std::string(text) +
                      "'. Valid formats: 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc."};
  if (text.empty()) return invalid;
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::int64_t amount = 0;
    const auto [rest, ec] = std::from_chars(at, end, amount);
    if (ec != std::errc{} || rest == at || amount < 0 || amount > kLimit || *at == '-')
      return invalid;
    if (rest == end) {
      if (at != text.data()) return invalid;  // only a bare number may lack its unit
      return std::chrono::seconds(amount);
    }
    while (next_unit < kUnits.size() && kUnits[next_unit].letter != *rest) ++next_unit;
    if (next_unit == kUnits.size()) return invalid;
    total += amount * kUnits[next_unit++].seconds;
    if (total > kLimit) return invalid;
    at = rest + 1;
  }
  return std::chrono::seconds(total);
}

}  // namespace locust
