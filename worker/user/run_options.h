// RunOptions: what a master says of a test beside its users (parsed_options of its spawn messages).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/scenario/expression_value.h"

namespace locust::worker {

struct RunOptions {
  // Nothing: the master said nothing of them. An empty list: no filter, as in stock.
  std::optional<std::vector<std::string>> tags{};
  std::optional<std::vector<std::string>> exclude_tags{};
  // Every other option that is a text, number, bool or null; those of stock's own among them.
  std::vector<std::pair<std::string, ExprValue>> arguments{};
};

}  // namespace locust::worker
