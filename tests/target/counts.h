// What the sample server has seen, as GET /_counts shows it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace locust {

// Owned by the server and changed only on its loop's thread.
//
// A request is counted once, when it has been received completely and routed:
//   total == sum of routes == sum of statuses + requests to routes that never answer.
// `/_counts` and `/_reset` are not counted.
class TargetCounts final {
 public:
  explicit TargetCounts(std::vector<std::string_view> route_patterns);

  // `status` is what the answer will say, 0 if there will be none.
  void add_request(std::size_t route, std::string_view method, int status);

  // Zeroes everything but the gauges: open connections and requests in flight.
  void reset();
  std::string to_json() const;

  std::uint64_t total() const { return total_; }

  // Counted requests whose client went away before the response was handed to the kernel. Where
  // pipelined responses go out in one write that fails, each of them.
  std::uint64_t aborted = 0;
  // Requests refused as no valid HTTP or as too large; these have no route.
  std::uint64_t malformed = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_open = 0;
  // Requests that wait in /slow.
  std::uint64_t in_flight = 0;

 private:
  static constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                               "PATCH", "DELETE", "OPTIONS"};

  const std::vector<std::string_view> patterns_;
  std::vector<std::array<std::uint64_t, kMethods.size()>> by_route_;
  std::map<std::string, std::uint64_t> by_rare_method_;  // "PURGE /echo"
  std::array<std::uint64_t, 1000> by_status_{};
  std::uint64_t total_ = 0;
};

}  // namespace locust
