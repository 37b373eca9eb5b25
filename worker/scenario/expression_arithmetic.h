// Compares and calculates with values of the scenario language. Throws ExprFailure if an operation
// is undefined.
#pragma once

#include <stdexcept>
#include <string_view>

#include "common/scenario/expression.h"

namespace locust::worker {

// An error of an expression at run time: null in a text, a division by zero …
class ExprFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// "null", "a text", "a number" …
std::string_view kind_of(const ExprValue& value);

// A text that contains a number equals the number. A time and a number cannot be compared.
bool equal(const ExprValue& a, const ExprValue& b);
// `a op b` for < <= > >=. Numbers and texts that are numbers by value, times by length, other texts
// by their bytes; null is neither less nor greater than anything.
bool compare(ExprBinaryOp op, const ExprValue& a, const ExprValue& b);
// `a op b` for + - * / %. Whole numbers stay whole while they fit; a division with a remainder
// gives a fraction; % has the sign of its right side. Times: time ± time, time * number,
// time / number, time / time.
ExprValue calculate(ExprBinaryOp op, const ExprValue& a, const ExprValue& b);
ExprValue negate(const ExprValue& value);

// The number, or an ExprFailure that names `where`.
Number require_number(const ExprValue& value, std::string_view where);
// A number is seconds. Negative times are zero. Infinite ones and values that are not times throw.
Duration to_duration(const ExprValue& value, std::string_view where);

}  // namespace locust::worker
