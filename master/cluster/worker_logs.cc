#include "master/cluster/worker_logs.h"

#include <iterator>

#include "common/base/mask.h"

namespace locust::master {
namespace {

// The cost of a line. Empty lines must not be free.
std::size_t cost(const std::string& line) { return line.size() + sizeof line; }

}  // namespace

void WorkerLogs::take(const std::string& worker, const std::vector<std::string>& lines) {
  if (const auto known = places_.find(worker); known != places_.end()) forget(known->second);
  std::size_t bytes = cost(worker);
  auto first = lines.end();
  while (first != lines.begin() && bytes + cost(*std::prev(first)) <= kMaxBytesOfWorker) {
    bytes += cost(*--first);
  }
  while (bytes_ + bytes > kMaxBytes) forget(logs_.begin());
  auto kept = std::make_shared<std::vector<std::string>>();
  for (auto line = first; line != lines.end(); ++line) kept->push_back(masked(*line));
  logs_.push_back({worker, std::move(kept), bytes});
  places_.emplace(logs_.back().worker, std::prev(logs_.end()));
  bytes_ += bytes;
  ++version_;
}

std::vector<std::pair<std::string, WorkerLogs::Lines>> WorkerLogs::all() const {
  std::vector<std::pair<std::string, Lines>> result;
  result.reserve(logs_.size());
  for (const Log& log : logs_) result.emplace_back(log.worker, log.lines);
  return result;
}

const std::vector<std::string>* WorkerLogs::find(std::string_view worker) const {
  const auto place = places_.find(worker);
  return place == places_.end() ? nullptr : place->second->lines.get();
}

void WorkerLogs::forget(Place place) {
  bytes_ -= place->bytes;
  places_.erase(place->worker);
  logs_.erase(place);
}

}  // namespace locust::master
