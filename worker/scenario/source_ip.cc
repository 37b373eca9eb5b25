#include "worker/scenario/source_ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

namespace locust::worker {
namespace {

constexpr std::uint32_t kMaxAddresses = 65'536;

struct Address {
  int family = AF_UNSPEC;
  std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 uses the first four

  std::size_t size() const { return family == AF_INET ? 4 : 16; }
};

std::optional<Address> parse(const std::string& text) {
  Address address;
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, text.c_str(), address.bytes.data()) != 1) continue;
    address.family = family;
    return address;
  }
  return std::nullopt;
}

// The last four bytes, in which the addresses of a range differ.
std::uint32_t low(const Address& address) {
  std::uint32_t network = 0;
  std::memcpy(&network, address.bytes.data() + address.size() - 4, 4);
  return ntohl(network);
}

void set_low(Address& address, std::uint32_t value) {
  const std::uint32_t network = htonl(value);
  std::memcpy(address.bytes.data() + address.size() - 4, &network, 4);
}

bool same_network(const Address& a, const Address& b) {
  return a.family == b.family && std::memcmp(a.bytes.data(), b.bytes.data(), a.size() - 4) == 0;
}

std::string to_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address.family, address.bytes.data(), text.data(), text.size());
  return text.data();
}

bool is_local(const Address& address) {
  const int fd = ::socket(address.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;  // cannot be checked
  int result = 0;
  if (address.family == AF_INET) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    std::memcpy(&to.sin_addr, address.bytes.data(), 4);
    result = ::bind(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  } else {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    std::memcpy(&to.sin6_addr, address.bytes.data(), 16);
    result = ::bind(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  ::close(fd);
  return result == 0;
}

}  // namespace

bool is_ip_address(const std::string& text) { return parse(text).has_value(); }

Result<std::vector<std::string>> local_addresses(const std::string& range) {
  const auto dash = range.find('-');
  const auto first = parse(range.substr(0, dash));
  const auto last = dash == std::string::npos ? first : parse(range.substr(dash + 1));
  if (!first || !last || !same_network(*first, *last) || low(*last) < low(*first)) {
    return Error{"'" + range + "' is neither an IP address nor a range, such as 10.0.0.1-10.0.0.9"};
  }
  if (low(*last) - low(*first) >= kMaxAddresses) {
    return Error{"'" + range + "' has more than 65536 addresses"};
  }
  std::vector<std::string> addresses;
  for (std::uint64_t value = low(*first); value <= low(*last); ++value) {
    Address address = *first;
    set_low(address, static_cast<std::uint32_t>(value));
    addresses.push_back(to_text(address));
    if (!is_local(address)) return Error{addresses.back() + " is not an address of this machine"};
  }
  return addresses;
}

}  // namespace locust::worker
