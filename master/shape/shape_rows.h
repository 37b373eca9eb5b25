// The file of a CSV shape.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace locust::master {

// A point of the curve of users, valid from `time` on.
struct ShapeRow {
  double time = 0;                   // run time, seconds
  double users = 0;                  // 0 or more
  std::optional<double> spawn_rate;  // users per second; nullopt: evenly up to the next row
};

inline constexpr std::size_t kMaxShapeBytes = 8U << 20;

// Parses a file: a header with the columns time, users and optionally spawn_rate in any order, then
// at least two rows of numbers with increasing times. `name` is for messages.
Result<std::vector<ShapeRow>> parse_shape_rows(const std::string& name, std::string_view text);
Result<std::vector<ShapeRow>> read_shape_rows(const std::string& path);

}  // namespace locust::master
