// WorkerLogs: the last lines of each worker's log, as workers send them. Pure data, within bounds
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

  // `lines` replace what is known of the worker; the first are left out if there are too many. The
  // workers that have been silent longest make room.
  void take(const std::string& worker, const std::vector<std::string>& lines);
  // Grows when lines are taken.
  std::uint64_t version() const { return version_; }
  using Lines = std::shared_ptr<const std::vector<std::string>>;
  // Of all workers, in the order of their last words. For other threads too.
  std::vector<std::pair<std::string, Lines>> all() const;
  // Null if the worker sent nothing or had to make room.
  const std::vector<std::string>* find(std::string_view worker) const;

 private:
  struct Log {
    std::string worker;
    Lines lines;
    std::size_t bytes;
  };
  using Place = std::list<Log>::iterator;

  void forget(Place place);

  std::list<Log> logs_;                                 // the one taken last at the end
  std::unordered_map<std::string_view, Place> places_;  // by worker
  std::size_t bytes_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace locust::master
