// LimitWarnings: one warning per test for each bound on the master's memory that is reached.
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
  // There are more than `limit` of `what` ("request names"); `consequence` says what happens to the
  // others. Logged once per test.
  void reached(std::string_view what, std::size_t limit, std::string_view consequence);

 private:
  std::set<std::string, std::less<>> told_;
};

}  // namespace locust::master
