// Number: a number with the semantics of Python, either an integer or a float. Response times keep
// this kind from the request to the last digit of a CSV file: 1150 prints "1150", 1150.0 prints
// "1150.0", and both are one key of a histogram.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>

namespace locust {

// A value type. Integers beyond 64 bits, which exist in Python but not on the wire, become floats.
class Number {
 public:
  constexpr Number() = default;  // the integer 0
  template <std::signed_integral T>
  constexpr Number(T value) : int_(value) {}  // NOLINT: implicit by design
  template <std::unsigned_integral T>
  constexpr Number(T value) {  // NOLINT: implicit by design
    const std::uint64_t wide = value;
    if (wide <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      int_ = static_cast<std::int64_t>(value);
    } else {
      float_ = static_cast<double>(value);
      is_float_ = true;
    }
  }
  constexpr Number(double value) : float_(value), is_float_(true) {}  // NOLINT: implicit by design

  constexpr bool is_float() const { return is_float_; }
  constexpr double as_double() const { return is_float_ ? float_ : static_cast<double>(int_); }
  // Python's int(): towards zero. Saturates; 0 for NaN.
  std::int64_t to_int() const;

  // Python's truth: false for 0 and 0.0.
  constexpr explicit operator bool() const { return is_float_ ? float_ != 0.0 : int_ != 0; }

  // Int + int stays an int (a float on overflow), anything else is a float.
  Number& operator+=(const Number& other);

  // Mathematical comparison, exact also between kinds; 4000 == 4000.0. NaN, which Python leaves
  // unordered, equals itself and lies above everything, so that containers stay sound.
  friend constexpr std::weak_ordering operator<=>(const Number& a, const Number& b) {
    if (!a.is_float_ && !b.is_float_) return a.int_ <=> b.int_;
    return compare_mixed(a, b);
  }
  friend constexpr bool operator==(const Number& a, const Number& b) { return std::is_eq(a <=> b); }

  // Python's repr() and str(): "1150", "1150.0", "1e-05".
  std::string repr() const;

 private:
  static std::weak_ordering compare_mixed(const Number& a, const Number& b);

  union {
    std::int64_t int_ = 0;
    double float_;
  };
  bool is_float_ = false;
};

// Python's repr of a float: the shortest digits that read back as the same value, positional from
// 1e-04 up to below 1e16, always with a point or an exponent.
std::string float_repr(double value);

// C's %.Nf without its locale, and Python's "%d" of a float (all digits, cut towards zero).
std::string fixed(double value, int decimals);
std::string truncated(const Number& value);

// stats.to_dict's rounding to whole milliseconds (util/rounding.py proper_round): half away from
// zero for positive values, by adding a digit just below those the value shows.
double proper_round(const Number& value);

// Python's int(timestamp) for counters keyed by second. Saturates far outside any real time, so
// that a few seconds can be added or subtracted; 0 for NaN.
std::int64_t to_second(double timestamp);

// a + b and a - b of counters that come from the wire: saturate instead of overflowing.
std::int64_t saturating_add(std::int64_t a, std::int64_t b);
std::int64_t saturating_sub(std::int64_t a, std::int64_t b);

}  // namespace locust
