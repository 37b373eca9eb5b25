// The form that starts and edits a test (POST /swarm of stock's web.py).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "master/web/http.h"

namespace locust::master::web {

// The limits of host, profile and names, and of the values of arguments.
inline constexpr std::size_t kMaxTextBytes = std::size_t{2} << 10;
inline constexpr std::size_t kMaxArgumentBytes = std::size_t{8} << 10;

// Stock's response to numbers that cannot start a test.
inline constexpr const char* kInvalidCounts =
    "Missing or invalid user_count or spawn_rate from /swarm request";

struct SwarmForm {
  std::optional<std::int64_t> user_count = std::nullopt;
  std::optional<double> spawn_rate = std::nullopt;  // users per second
  // Without '<' and '>', as in stock.
  std::optional<std::string> host = std::nullopt;
  std::vector<std::string> user_classes = {};  // empty: none was chosen
  std::optional<std::string> shape_class = std::nullopt;
  std::optional<std::int64_t> run_time = std::nullopt;  // seconds, above 0
  std::optional<std::string> profile = std::nullopt;
  Fields others = {};  // by their names the scenario's arguments
};

// The error is for the sender of the form.
Result<SwarmForm> parse_swarm_form(const Fields& fields);

}  // namespace locust::master::web
