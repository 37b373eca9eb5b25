// WorkerLogs: the last lines of each worker's log, as workers send them. Pure data, bounded
// whatever they send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace locust::master {

class WorkerLogs {
 public:
  static constexpr std::size_t kMaxBytesOfWorker = std::size_t{128} << 10;
  static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

  // Replaces the worker's lines; drops the first ones if there are too many. The logs of the
  // workers that have been silent longest are dropped to make room.
  void take(const std::string& worker, const std::vector<std::string>& lines);
  // Grows when lines are taken.
  std::uint64_t version() const { return version_; }
  using Lines = std::shared_ptr<const std::vector<std::string>>;
  // Of all workers, in the order in which they were last received. For other threads too.
  std::vector<std::pair<std::string, Lines>> all() const;
  // Null if the worker sent nothing or its log was dropped.
  const std::vector<std::string>* find(std::string_view worker) const;

 private:
  struct Log {
    std::string worker;
    Lines lines;
    std::size_t bytes;
  };
  using Place = std::list<Log>::iterator;

  void forget(Place place);

  std::list<Log> logs_;                                 // the most recent last
  std::unordered_map<std::string_view, Place> places_;  // by worker
  std::size_t bytes_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace locust::master
