// AddressPins: the hosts whose addresses the engine has added to curl's cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace locust::worker {

// curl never drops addresses that were added, so a crawl would fill the cache without limit: beyond
// `max_hosts` hosts, the older half is removed.
class AddressPins {
 public:
  explicit AddressPins(std::size_t max_hosts) : max_hosts_(max_hosts) {}

  // Whether curl's cache certainly has the addresses of this generation (Resolver::Addresses).
  bool holds(std::uint64_t generation) const { return generation > forgotten_; }

  // Records addresses of this generation for "host:port". Returns nullopt if they are in the cache
  // already, otherwise the hosts to remove at the same time, usually none.
  std::optional<std::vector<std::string>> put(const std::string& host_port,
                                              std::uint64_t generation);

  std::size_t size() const { return generations_.size(); }

 private:
  std::vector<std::string> forget_oldest(const std::string& but);

  const std::size_t max_hosts_;
  std::unordered_map<std::string, std::uint64_t> generations_;  // by "host:port"
  std::uint64_t forgotten_ = 0;  // some of this and older generations were removed
};

}  // namespace locust::worker
