// RunOptions: the master's options of a test (parsed_options of its spawn messages).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/scenario/expression_value.h"

namespace locust::worker {

struct RunOptions {
  // nullopt if the master did not send them. An empty list means no filter, as in stock.
  std::optional<std::vector<std::string>> tags{};
  std::optional<std::vector<std::string>> exclude_tags{};
  // Every other option that is a text, number, bool or null, including stock's own.
  std::vector<std::pair<std::string, ExprValue>> arguments{};
};

}  // namespace locust::worker
