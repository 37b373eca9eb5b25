// ExceptionLog: the exceptions of test code, grouped by traceback (runners.py log_exception).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "master/cluster/limit_warnings.h"
#include "master/report/snapshot.h"

namespace locust::master {

// Control thread. Texts are masked before they are kept. Its memory is bounded: what exceeds a
// bound is dropped, with one warning per test.
class ExceptionLog {
 public:
  static constexpr std::size_t kMaxKinds = 1'000;
  static constexpr std::size_t kMaxNodesPerKind = 1'000;
  static constexpr std::size_t kMaxTextBytes = std::size_t{64} << 10;  // of a message or traceback
  // Of all texts and of the ids of those that reported them.
  static constexpr std::size_t kMaxBytes = std::size_t{8} << 20;

  // `warnings` must outlive it.
  explicit ExceptionLog(LimitWarnings& warnings) : warnings_(warnings) {}

  // Tracebacks that differ only in Locust's own frames, as between its releases and native workers,
  // are counted together.
  void add(const std::string& worker, std::string_view msg, std::string_view traceback);
  void clear();

  bool empty() const { return views_.empty(); }
  // In order of first appearance.
  const std::vector<ExceptionView>& views() const { return views_; }

 private:
  ExceptionView* find(std::string_view traceback);
  ExceptionView* add_kind(std::string_view msg, std::string traceback);

  LimitWarnings& warnings_;
  std::vector<ExceptionView> views_;
  std::unordered_map<std::string, std::size_t> index_;  // frames of the test -> place in views_
  std::size_t bytes_ = 0;
};

}  // namespace locust::master
