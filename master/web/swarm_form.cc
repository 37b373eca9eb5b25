#include "master/web/swarm_form.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "common/base/printable.h"
#include "common/base/time_span.h"

namespace locust::master::web {
namespace {

constexpr double kMaxSpawnRate = 1e9;

template <typename T>
std::optional<T> number_of(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  T number{};
  const auto [rest, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

// In stock's words.
Error bad(std::string_view field, std::string_view value, std::string_view wanted) {
  return Error{"Invalid " + std::string(field) + " value: '" + quoted_part(value) + "' (must be " +
               std::string(wanted) + ")"};
}

bool is_stocks(std::string_view field) {
  return field == "host" || field == "user_classes" || field == "shape_class" || field == "profile";
}

// Texts are sent to every worker and appear in every view.
std::optional<Error> too_long(std::string_view field, std::string_view value) {
  const std::size_t limit = is_stocks(field) ? kMaxTextBytes : kMaxArgumentBytes;
  if (value.size() <= limit) return std::nullopt;
  return Error{quoted_part(field) + ": longer than " + std::to_string(limit) + " bytes"};
}

std::string without_angle_brackets(const std::string& host) {
  std::string result;
  for (const char c : host) {
    if (c != '<' && c != '>') result += c;
  }
  return result;
}

}  // namespace

Result<SwarmForm> parse_swarm_form(const Fields& fields) {
  SwarmForm form;
  for (const auto& [name, value] : fields) {
    if (auto error = too_long(name, value)) return *std::move(error);
    if (name == "user_count") {
      form.user_count = number_of<std::int64_t>(value);
      if (!form.user_count) return bad(name, value, "an integer");
      if (*form.user_count < 0 || *form.user_count > std::numeric_limits<int>::max()) {
        return Error{kInvalidCounts};
      }
    } else if (name == "spawn_rate") {
      form.spawn_rate = number_of<double>(value);
      if (!form.spawn_rate) return bad(name, value, "a number");
      if (!(*form.spawn_rate >= 0 && *form.spawn_rate <= kMaxSpawnRate)) {
        return Error{kInvalidCounts};
      }
    } else if (name == "host") {
      form.host = without_angle_brackets(value);
    } else if (name == "user_classes") {
      form.user_classes.push_back(value);
    } else if (name == "shape_class") {
      form.shape_class = value;
    } else if (name == "run_time") {
      if (value.empty()) continue;
      const auto span = parse_time_span(value);
      if (!span) {
        return Error{"Valid run_time formats are : 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc."};
      }
      form.run_time = span->count() > 0 ? std::optional(span->count()) : std::nullopt;
    } else if (name == "profile") {
      form.profile = value;
    } else {
      form.others.emplace_back(name, value);
    }
  }
  return form;
}

}  // namespace locust::master::web
