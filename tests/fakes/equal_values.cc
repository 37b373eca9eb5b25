#include "tests/fakes/equal_values.h"

#include <algorithm>
#include <cmath>

namespace locust {
namespace {

using proto::Value;

bool equal_numbers(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

const Value* lookup(const Value::Map& map, const Value& key) {
  for (auto it = map.rbegin(); it != map.rend(); ++it) {
    if (equal_values(it->first, key)) return &it->second;
  }
  return nullptr;
}

// Every key of `a` has the same last value in `b`.
bool contained(const Value::Map& a, const Value::Map& b) {
  return std::ranges::all_of(a, [&a, &b](const auto& entry) {
    const Value* in_b = lookup(b, entry.first);
    return in_b != nullptr && equal_values(*lookup(a, entry.first), *in_b);
  });
}

}  // namespace

bool equal_values(const Value& a, const Value& b) {
  if (const Value::Map* map = a.map()) {
    return b.map() != nullptr && contained(*map, *b.map()) && contained(*b.map(), *map);
  }
  if (const Value::Array* array = a.array()) {
    return b.array() != nullptr && std::ranges::equal(*array, *b.array(), equal_values);
  }
  if (a == b) return true;
  return a.to_double() && b.to_double() && equal_numbers(*a.to_double(), *b.to_double());
}

}  // namespace locust
