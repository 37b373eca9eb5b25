// LimitWarnings: what peers can make a master remember is bounded, and who meets a bound is told so
// once.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace locust::master {

// Control thread.
class LimitWarnings {
 public:
  void begin_test() { told_.clear(); }
  // More than `limit` of `what` ("request names"); `consequence` says what becomes of the others.
  // Logged once per test.
  void reached(std::string_view what, std::size_t limit, std::string_view consequence);

 private:
  std::set<std::string, std::less<>> told_;
};

}  // namespace locust::master
