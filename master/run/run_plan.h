// What the test that runs, or ran last, is to do.
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
