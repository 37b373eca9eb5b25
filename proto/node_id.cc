#include "proto/node_id.h"

#include <array>
#include <cstdio>
#include <random>

#include "common/base/utf8.h"

namespace locust::proto {
namespace {

constexpr std::size_t kMaxIdentityBytes = 255;
constexpr std::size_t kSuffixBytes = 33;  // "_" and the digits

}  // namespace

std::string make_node_id(std::string_view hostname, std::uint64_t random_high,
                         std::uint64_t random_low) {
  std::string id = repair_utf8(hostname);
  // A leading zero byte marks the identities that a ROUTER generates.
  std::erase(id, '\0');
  if (id.empty()) id = "localhost";
  if (id.size() > kMaxIdentityBytes - kSuffixBytes) {
    id.resize(kMaxIdentityBytes - kSuffixBytes);
    while (!is_valid_utf8(id)) id.pop_back();  // a character cut in two
  }
  std::array<char, kSuffixBytes + 1> suffix;
  std::snprintf(suffix.data(), suffix.size(), "_%016llx%016llx",
                static_cast<unsigned long long>(random_high),
                static_cast<unsigned long long>(random_low));
  return id + suffix.data();
}

std::string make_secret() {
  const std::string id = make_node_id("");
  return id.substr(id.size() - (kSuffixBytes - 1));
}

std::string make_node_id(std::string_view hostname) {
  std::random_device device;
  const auto word = [&device] { return std::uint64_t{device()} << 32 | device(); };
  const std::uint64_t high = word();
  return make_node_id(hostname, high, word());
}

}  // namespace locust::proto
