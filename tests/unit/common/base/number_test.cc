#include "common/base/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace locust {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

TEST(Number, integers_and_floats_of_one_value_are_equal_but_print_as_what_they_are) {
  EXPECT_EQ(Number(4000), Number(4000.0));
  EXPECT_EQ(Number(4000).repr(), "4000");
  EXPECT_EQ(Number(4000.0).repr(), "4000.0");
}

TEST(Number, kinds_compare_exactly_where_a_conversion_would_round) {
  constexpr std::int64_t kOdd = (std::int64_t{1} << 53) + 1;
  EXPECT_GT(Number(kOdd), Number(9007199254740992.0));
  EXPECT_LT(Number(9007199254740992.0), Number(kOdd));
  EXPECT_LT(Number(kMax), Number(9223372036854775808.0));
  EXPECT_EQ(Number(kMin), Number(-9223372036854775808.0));
  EXPECT_LT(Number(-1.5), Number(-1));
  EXPECT_GT(Number(-1), Number(-1.5));
  EXPECT_GT(Number(1.5), Number(1));
  EXPECT_LT(Number(kMax), Number(kInfinity));
}

TEST(Number, nan_lies_above_everything_so_that_sorted_containers_stay_sorted) {
  EXPECT_EQ(Number(kNan), Number(kNan));
  EXPECT_GT(Number(kNan), Number(kInfinity));
  EXPECT_LT(Number(kMax), Number(kNan));
}

TEST(Number, a_sum_stays_an_integer_until_a_float_or_an_overflow_makes_it_a_float) {
  Number sum;
  sum += 2;
  EXPECT_EQ(sum.repr(), "2");
  sum += 0.0;
  EXPECT_EQ(sum.repr(), "2.0");
  Number big(kMax);
  big += 1;
  EXPECT_EQ(big.repr(), "9.223372036854776e+18");
}

TEST(Number, unsigned_values_beyond_a_signed_integer_become_floats) {
  EXPECT_EQ(Number(std::uint64_t{7}).repr(), "7");
  EXPECT_EQ(Number(std::numeric_limits<std::uint64_t>::max()).repr(), "1.8446744073709552e+19");
}

TEST(Number, to_int_cuts_towards_zero_and_saturates) {
  EXPECT_EQ(Number(-3.7).to_int(), -3);
  EXPECT_EQ(Number(1e300).to_int(), kMax);
  EXPECT_EQ(Number(-1e300).to_int(), kMin);
  EXPECT_EQ(Number(kNan).to_int(), 0);
}

TEST(Number, only_zeros_are_false) {
  EXPECT_FALSE(Number(0));
  EXPECT_FALSE(Number(-0.0));
  EXPECT_TRUE(Number(0.1));
  EXPECT_TRUE(Number(-1));
}

TEST(Number, floats_print_as_python_prints_them) {
  EXPECT_EQ(float_repr(0.0), "0.0");
  EXPECT_EQ(float_repr(-0.0), "-0.0");
  EXPECT_EQ(float_repr(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(float_repr(100000.0), "100000.0");
  EXPECT_EQ(float_repr(1e15), "1000000000000000.0");
  EXPECT_EQ(float_repr(1e16), "1e+16");
  EXPECT_EQ(float_repr(0.0001), "0.0001");
  EXPECT_EQ(float_repr(-0.00001), "-1e-05");
  EXPECT_EQ(float_repr(1.5e-7), "1.5e-07");
  EXPECT_EQ(float_repr(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(float_repr(5e-324), "5e-324");
  EXPECT_EQ(float_repr(-kInfinity), "-inf");
  EXPECT_EQ(float_repr(kNan), "nan");
}

TEST(Number, fixed_and_truncated_print_as_percent_f_and_percent_d) {
  EXPECT_EQ(fixed(2.665, 2), "2.67");  // just above the tie as a double
  EXPECT_EQ(fixed(0.125, 2), "0.12");
  EXPECT_EQ(truncated(119.99), "119");
  EXPECT_EQ(truncated(-0.5), "0");
  EXPECT_EQ(truncated(-3.7), "-3");
  EXPECT_EQ(truncated(1e22), "10000000000000000000000");
  EXPECT_EQ(truncated(42), "42");
}

TEST(Number, proper_round_rounds_halves_up_by_adding_a_digit_below_those_shown) {
  EXPECT_EQ(proper_round(0), 0.0);
  EXPECT_EQ(proper_round(0.5), 1.0);
  EXPECT_EQ(proper_round(2.5), 3.0);
  EXPECT_EQ(proper_round(0.49), 0.0);
  EXPECT_EQ(proper_round(1150.4999), 1150.0);
  EXPECT_EQ(proper_round(99.5), 100.0);
}

TEST(Number, hostile_counters_and_timestamps_saturate) {
  EXPECT_EQ(saturating_add(kMax, 1), kMax);
  EXPECT_EQ(saturating_add(kMin, -1), kMin);
  EXPECT_EQ(saturating_sub(kMin, 1), kMin);
  EXPECT_EQ(saturating_sub(0, kMin), kMax);
  EXPECT_EQ(to_second(1700205099.999), 1700205099);
  EXPECT_EQ(to_second(kNan), 0);
  EXPECT_GT(to_second(1e300), std::int64_t{1} << 61);
  EXPECT_LT(to_second(-kInfinity) - 12, 0);
}

}  // namespace
}  // namespace locust
