// Comparing and calculating with values of the scenario language. Throws ExprFailure where an
// operation has no meaning.
#pragma once

#include <stdexcept>
#include <string_view>

#include "common/scenario/expression.h"

namespace locust::worker {

// What an author's expression does wrong at run time: null in a text, a division by zero …
class ExprFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// "null", "a text", "a number" …
std::string_view kind_of(const ExprValue& value);

// Texts that are numbers equal the number. A time and a number have no meaning together.
bool equal(const ExprValue& a, const ExprValue& b);
// `a op b` for < <= > >=. Numbers and texts that are numbers by value, times by length, other texts
// by their bytes; null is neither less nor greater than anything.
bool compare(ExprBinaryOp op, const ExprValue& a, const ExprValue& b);
// `a op b` for + - * / %. Whole numbers stay whole while they fit; what a division leaves over makes
// it a fraction; % has the sign of its right side. Times: time ± time, time * number,
// time / number, time / time.
ExprValue calculate(ExprBinaryOp op, const ExprValue& a, const ExprValue& b);
ExprValue negate(const ExprValue& value);

// The number, or an ExprFailure that names `where`.
Number require_number(const ExprValue& value, std::string_view where);
// Seconds if bare. Negative times are zero. Infinite ones and what is no time throw.
Duration to_duration(const ExprValue& value, std::string_view where);

}  // namespace locust::worker
