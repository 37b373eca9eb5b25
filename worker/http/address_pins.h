// AddressPins: which hosts' addresses curl's cache holds, because the engine has put them there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace locust::worker {

// The cache itself forgets nothing that was put into it, so that a crawl would fill it without end: of more than
// `max_hosts` hosts the half put there longest ago is taken out.
class AddressPins {
 public:
  explicit AddressPins(std::size_t max_hosts) : max_hosts_(max_hosts) {}

  // Whether what was ever put there with this generation (Resolver::Addresses) is there for sure.
  bool holds(std::uint64_t generation) const { return generation > forgotten_; }

  // Puts addresses of this generation there for "host:port". Nothing: they are there already. Else the hosts to be
  // taken out at the same time, usually none.
  std::optional<std::vector<std::string>> put(const std::string& host_port,
                                              std::uint64_t generation);

  std::size_t size() const { return generations_.size(); }

 private:
  std::vector<std::string> forget_oldest(const std::string& but);

  const std::size_t max_hosts_;
  std::unordered_map<std::string, std::uint64_t> generations_;  // by "host:port"
  std::uint64_t forgotten_ = 0;  // of this and older generations some were taken out
};

}  // namespace locust::worker
