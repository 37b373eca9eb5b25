#include "common/base/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace locust {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

// Converts by std::to_chars. The buffer fits the longest double in positional form.
template <typename... Format>
std::string to_text(double value, Format... format) {
  std::array<char, 400> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format...);
  return std::string(buffer.data(), end.ptr);
}

std::string non_finite_repr(double value) {
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

}  // namespace

std::int64_t Number::to_int() const {
  if (!is_float_) return int_;
  if (std::isnan(float_)) return 0;
  if (float_ >= kTwoTo63) return std::numeric_limits<std::int64_t>::max();
  if (float_ < -kTwoTo63) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(float_);
}

Number& Number::operator+=(const Number& other) {
  if (!is_float_ && !other.is_float_) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(int_, other.int_, &sum)) {
      int_ = sum;
      return *this;
    }
  }
  return *this = Number(as_double() + other.as_double());
}

std::weak_ordering Number::compare_mixed(const Number& a, const Number& b) {
  if (!a.is_float_) {
    const std::weak_ordering reversed = compare_mixed(b, a);
    if (std::is_eq(reversed)) return reversed;
    return std::is_lt(reversed) ? std::weak_ordering::greater : std::weak_ordering::less;
  }
  if (std::isnan(a.float_)) {
    const bool both = b.is_float_ && std::isnan(b.float_);
    return both ? std::weak_ordering::equivalent : std::weak_ordering::greater;
  }
  if (b.is_float_) {
    if (std::isnan(b.float_) || a.float_ < b.float_) return std::weak_ordering::less;
    return a.float_ > b.float_ ? std::weak_ordering::greater : std::weak_ordering::equivalent;
  }
  // Float against integer: compare whole parts as integers, then the fraction decides.
  if (a.float_ >= kTwoTo63) return std::weak_ordering::greater;
  if (a.float_ < -kTwoTo63) return std::weak_ordering::less;
  const double whole = std::trunc(a.float_);
  const auto whole_int = static_cast<std::int64_t>(whole);
  if (whole_int != b.int_) return whole_int <=> b.int_;
  if (a.float_ == whole) return std::weak_ordering::equivalent;
  return a.float_ > whole ? std::weak_ordering::greater : std::weak_ordering::less;
}

std::string Number::repr() const { return is_float_ ? float_repr(float_) : std::to_string(int_); }

std::string float_repr(double value) {
  if (!std::isfinite(value)) return non_finite_repr(value);
  // Scientific form gives the shortest digits and the exponent; the layout follows Python's rule.
  std::string text = to_text(value, std::chars_format::scientific);
  const std::size_t e = text.find('e');
  const int exponent = std::atoi(text.c_str() + e + 1);
  if (exponent < -4 || exponent >= 16) return text;
  std::string sign = text.starts_with('-') ? "-" : "";
  std::string digits;
  for (const char c : text.substr(0, e)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  if (exponent < 0) {
    return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() < whole + 1) digits.resize(whole + 1, '0');
  return sign + digits.insert(whole, 1, '.');
}

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return non_finite_repr(value);
  return to_text(value, std::chars_format::fixed, decimals);
}

std::string truncated(const Number& value) {
  if (!value.is_float()) return value.repr();
  // Adding zero turns the -0 that cutting -0.5 leaves into 0.
  return fixed(std::trunc(value.as_double()) + 0.0, 0);
}

double proper_round(const Number& value) {
  const double v = value.as_double();
  const auto shown = static_cast<int>(float_repr(v).size());
  return std::nearbyint(v + std::pow(10.0, -shown - 1));
}

std::int64_t to_second(double timestamp) {
  constexpr double kLimit = 4611686018427387904.0;  // 2^62
  if (std::isnan(timestamp)) return 0;
  return static_cast<std::int64_t>(std::min(std::max(timestamp, -kLimit), kLimit));
}

std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

std::int64_t saturating_sub(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b < 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

}  // namespace locust
