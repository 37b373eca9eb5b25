#include "worker/http/address_pins.h"

#include <algorithm>

namespace locust::worker {

std::optional<std::vector<std::string>> AddressPins::put(const std::string& host_port,
                                                         std::uint64_t generation) {
  std::uint64_t& held = generations_[host_port];
  if (held == generation) return std::nullopt;
  held = generation;
  if (generations_.size() <= max_hosts_) return std::vector<std::string>();
  return forget_oldest(host_port);
}

std::vector<std::string> AddressPins::forget_oldest(const std::string& but) {
  std::vector<std::uint64_t> ages;
  for (const auto& [host_port, generation] : generations_) ages.push_back(generation);
  const auto middle = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 2);
  std::nth_element(ages.begin(), middle, ages.end());
  forgotten_ = std::max(forgotten_, *middle);
  std::vector<std::string> forgotten;
  std::erase_if(generations_, [&](const auto& entry) {
    if (entry.second > *middle || entry.first == but) return false;
    forgotten.push_back(entry.first);
    return true;
  });
  return forgotten;
}

}  // namespace locust::worker
