#include "tests/target/counts.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace locust {
namespace {

std::string route_name(std::string_view method, std::string_view pattern) {
  return std::string(method).append(" ").append(pattern);
}

}  // namespace

TargetCounts::TargetCounts(std::vector<std::string_view> route_patterns)
    : patterns_(std::move(route_patterns)), by_route_(patterns_.size()) {}

void TargetCounts::add_request(std::size_t route, std::string_view method, int status) {
  ++total_;
  if (status != 0) ++by_status_.at(static_cast<std::size_t>(status));
  const auto known = std::find(kMethods.begin(), kMethods.end(), method);
  if (known != kMethods.end())
    ++by_route_[route][static_cast<std::size_t>(known - kMethods.begin())];
  else
    ++by_rare_method_[route_name(method, patterns_[route])];
}

void TargetCounts::reset() {
  std::fill(by_route_.begin(), by_route_.end(), std::array<std::uint64_t, kMethods.size()>{});
  by_rare_method_.clear();
  by_status_.fill(0);
  total_ = aborted = malformed = connections_accepted = 0;
}

std::string TargetCounts::to_json() const {
  nlohmann::json routes(by_rare_method_);
  for (std::size_t route = 0; route < patterns_.size(); ++route)
    for (std::size_t method = 0; method < kMethods.size(); ++method)
      if (const std::uint64_t count = by_route_[route][method]; count != 0)
        routes[route_name(kMethods[method], patterns_[route])] = count;
  nlohmann::json statuses = nlohmann::json::object();
  for (std::size_t status = 0; status < by_status_.size(); ++status)
    if (by_status_[status] != 0) statuses[std::to_string(status)] = by_status_[status];
  const nlohmann::ordered_json counts = {
      {"total", total_},
      {"routes", routes},
      {"statuses", statuses},
      {"aborted", aborted},
      {"in_flight", in_flight},
      {"malformed", malformed},
      {"connections", {{"accepted", connections_accepted}, {"open", connections_open}}},
  };
  // Method names come from clients; the parser lets only ASCII through, so dump() cannot throw.
  return counts.dump();
}

}  // namespace locust
