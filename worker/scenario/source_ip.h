// The source addresses of connections.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace locust::worker {

bool is_ip_address(const std::string& text);

// The addresses of "10.0.0.1" or "10.0.0.1-10.0.0.9" (both ends included; also IPv6), each of which
// must belong to this machine.
Result<std::vector<std::string>> local_addresses(const std::string& range);

}  // namespace locust::worker
