// The plan of the current test, or of the last one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace locust::master {

struct RunPlan {
  std::optional<std::int64_t> run_time = std::nullopt;  // seconds
  std::optional<std::string> shape = std::nullopt;
};

}  // namespace locust::master
