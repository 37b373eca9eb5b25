#include "worker/scenario/expression_arithmetic.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/nearest_name.h"
#include "common/base/text.h"

namespace locust::worker {
namespace {

std::string_view symbol(ExprBinaryOp op) {
  switch (op) {
    case ExprBinaryOp::kAdd:
      return "+";
    case ExprBinaryOp::kSubtract:
      return "-";
    case ExprBinaryOp::kMultiply:
      return "*";
    case ExprBinaryOp::kDivide:
      return "/";
    default:
      return "%";
  }
}

[[noreturn]] void raise(std::initializer_list<std::string_view> parts) {
  std::string message;
  for (const std::string_view part : parts) message += part;
  throw ExprFailure(message);
}

void refuse_time_with_number(const ExprValue& a, const ExprValue& b) {
  const bool mixed = (a.as_duration() != nullptr && b.is_number()) ||
                     (a.is_number() && b.as_duration() != nullptr);
  if (mixed) raise({"a time compares only with a time, such as 500ms"});
}

// A whole number without leading zeros.
struct Whole {
  bool negative = false;
  std::string digits;
};

std::optional<Whole> whole_number(const ExprValue& value) {
  std::string_view text;
  std::string storage;
  if (const Number* number = value.as_number()) {
    if (number->is_float()) return std::nullopt;
    text = storage = number->repr();
  } else if (value.as_long_number() != nullptr) {
    text = value.as_long_number()->text;
  } else if (value.as_text() != nullptr) {
    text = trimmed(*value.as_text());
  }
  Whole whole;
  whole.negative = text.starts_with('-');
  if (whole.negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  whole.digits = text.substr(std::min(text.find_first_not_of('0'), text.size()));
  return whole;
}

// Compares digit by digit if one of them may be a whole number beyond 64 bits: different ones could
// be equal as floats. Returns nullopt if the normal comparison is correct.
std::optional<std::weak_ordering> order_long_numbers(const ExprValue& a, const ExprValue& b) {
  constexpr std::size_t kDigitsThatFit = 18;
  const auto may_be_long = [](const ExprValue& v) {
    return v.as_long_number() != nullptr ||
           (v.as_text() != nullptr && v.as_text()->size() > kDigitsThatFit);
  };
  if (!may_be_long(a) && !may_be_long(b)) return std::nullopt;
  const auto x = whole_number(a);
  const auto y = x ? whole_number(b) : std::nullopt;
  if (!y) return std::nullopt;
  if (x->negative != y->negative) {
    return x->negative ? std::weak_ordering::less : std::weak_ordering::greater;
  }
  auto order = x->digits.size() <=> y->digits.size();
  if (std::is_eq(order)) order = x->digits <=> y->digits;
  if (!x->negative || std::is_eq(order)) return order;
  return std::is_lt(order) ? std::weak_ordering::greater : std::weak_ordering::less;
}

// Returns nullopt if one of them is null.
std::optional<std::weak_ordering> order(const ExprValue& a, const ExprValue& b) {
  if (a.is_null() || b.is_null()) return std::nullopt;
  refuse_time_with_number(a, b);
  if (a.as_duration() != nullptr && b.as_duration() != nullptr) {
    return *a.as_duration() <=> *b.as_duration();
  }
  if (const auto exact = order_long_numbers(a, b)) return exact;
  const auto x = to_number(a);
  const auto y = to_number(b);
  if (x && y) return *x <=> *y;
  if (a.as_text() != nullptr && b.as_text() != nullptr) return *a.as_text() <=> *b.as_text();
  raise({kind_of(a), " and ", kind_of(b), " have no order"});
}

ExprValue divide(Number a, Number b) {
  const bool whole = !a.is_float() && !b.is_float() && b != -1 && a.to_int() % b.to_int() == 0;
  return whole ? ExprValue(a.to_int() / b.to_int()) : ExprValue(a.as_double() / b.as_double());
}

ExprValue modulo(Number a, Number b) {
  if (!a.is_float() && !b.is_float()) {
    if (b == -1) return ExprValue(0);
    const std::int64_t rest = a.to_int() % b.to_int();
    return ExprValue(rest != 0 && (rest < 0) != (b < 0) ? rest + b.to_int() : rest);
  }
  const double rest = std::fmod(a.as_double(), b.as_double());
  return ExprValue(rest != 0 && (rest < 0) != (b < 0) ? rest + b.as_double() : rest);
}

ExprValue calculate_numbers(ExprBinaryOp op, Number a, Number b) {
  const bool whole = !a.is_float() && !b.is_float();
  std::int64_t result = 0;
  switch (op) {
    case ExprBinaryOp::kAdd:
      return ExprValue(a += b);
    case ExprBinaryOp::kSubtract:
      if (whole && !__builtin_sub_overflow(a.to_int(), b.to_int(), &result)) {
        return ExprValue(result);
      }
      return ExprValue(a.as_double() - b.as_double());
    case ExprBinaryOp::kMultiply:
      if (whole && !__builtin_mul_overflow(a.to_int(), b.to_int(), &result)) {
        return ExprValue(result);
      }
      return ExprValue(a.as_double() * b.as_double());
    default:
      if (b == 0) raise({"division by zero"});
      return op == ExprBinaryOp::kDivide ? divide(a, b) : modulo(a, b);
  }
}

ExprValue calculate_times(ExprBinaryOp op, const ExprValue& a, const ExprValue& b) {
  const Duration* x = a.as_duration();
  const Duration* y = b.as_duration();
  const auto scaled = [](Duration d, double by) { return ExprValue(seconds(to_seconds(d) * by)); };
  if (x != nullptr && y != nullptr) {
    if (op == ExprBinaryOp::kAdd) return ExprValue(seconds(to_seconds(*x) + to_seconds(*y)));
    if (op == ExprBinaryOp::kSubtract) return ExprValue(seconds(to_seconds(*x) - to_seconds(*y)));
    if (op == ExprBinaryOp::kDivide) {
      if (*y == Duration::zero()) raise({"division by zero"});
      return ExprValue(to_seconds(*x) / to_seconds(*y));
    }
  } else if (op == ExprBinaryOp::kMultiply) {
    return x != nullptr ? scaled(*x, require_number(b, "'*'").as_double())
                        : scaled(*y, require_number(a, "'*'").as_double());
  } else if (op == ExprBinaryOp::kDivide && x != nullptr) {
    const double by = require_number(b, "'/'").as_double();
    if (by == 0) raise({"division by zero"});
    return scaled(*x, 1 / by);
  }
  raise({"'", symbol(op), "' has no meaning for ", kind_of(a), " and ", kind_of(b)});
}

}  // namespace

std::string_view kind_of(const ExprValue& value) {
  if (value.is_null()) return "null";
  if (value.as_bool() != nullptr) return "true or false";
  if (value.is_number()) return "a number";
  if (value.as_duration() != nullptr) return "a time";
  if (value.as_text() != nullptr) return "a text";
  return value.as_list() != nullptr ? "a list" : "a mapping";
}

bool equal(const ExprValue& a, const ExprValue& b) {
  if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
  refuse_time_with_number(a, b);
  if (const auto exact = order_long_numbers(a, b)) return std::is_eq(*exact);
  if (const auto x = to_number(a)) {
    const auto y = to_number(b);
    return y && *x == *y;
  }
  if (a.as_bool() != nullptr && b.as_bool() != nullptr) return *a.as_bool() == *b.as_bool();
  if (a.as_text() != nullptr && b.as_text() != nullptr) return *a.as_text() == *b.as_text();
  if (a.as_duration() != nullptr && b.as_duration() != nullptr) {
    return *a.as_duration() == *b.as_duration();
  }
  if (a.as_list() != nullptr && b.as_list() != nullptr) {
    return std::equal(a.as_list()->begin(), a.as_list()->end(), b.as_list()->begin(),
                      b.as_list()->end(), equal);
  }
  if (a.as_map() != nullptr && b.as_map() != nullptr) {
    const auto same_entry = [&b](const auto& entry) {
      return std::any_of(b.as_map()->begin(), b.as_map()->end(), [&entry](const auto& other) {
        return entry.first == other.first && equal(entry.second, other.second);
      });
    };
    return a.as_map()->size() == b.as_map()->size() &&
           std::all_of(a.as_map()->begin(), a.as_map()->end(), same_entry);
  }
  return false;
}

bool compare(ExprBinaryOp op, const ExprValue& a, const ExprValue& b) {
  const auto ordering = order(a, b);
  if (!ordering) return false;
  switch (op) {
    case ExprBinaryOp::kLess:
      return std::is_lt(*ordering);
    case ExprBinaryOp::kLessEqual:
      return std::is_lteq(*ordering);
    case ExprBinaryOp::kGreater:
      return std::is_gt(*ordering);
    default:
      return std::is_gteq(*ordering);
  }
}

ExprValue calculate(ExprBinaryOp op, const ExprValue& a, const ExprValue& b) {
  if (a.as_duration() != nullptr || b.as_duration() != nullptr) return calculate_times(op, a, b);
  const std::string where = in_quotes(symbol(op));
  return calculate_numbers(op, require_number(a, where), require_number(b, where));
}

ExprValue negate(const ExprValue& value) {
  if (const Duration* d = value.as_duration()) return ExprValue(-*d);
  return calculate_numbers(ExprBinaryOp::kSubtract, Number(0), require_number(value, "'-'"));
}

Number require_number(const ExprValue& value, std::string_view where) {
  if (const auto number = to_number(value)) return *number;
  raise({where, " needs a number, not ", kind_of(value)});
}

Duration to_duration(const ExprValue& value, std::string_view where) {
  if (const Duration* d = value.as_duration()) return std::max(*d, Duration::zero());
  const auto number = to_number(value);
  if (!number || !std::isfinite(number->as_double())) {
    raise({where, " needs a time, not ", kind_of(value)});
  }
  return std::max(seconds(number->as_double()), Duration::zero());
}

}  // namespace locust::worker
