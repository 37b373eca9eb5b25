// LocustfileShape: the load shape that the code of a locustfile has chosen.
#pragma once

#include <optional>

#include "common/scenario/load_shape.h"

namespace locust::master {

// Control thread.
class LocustfileShape {
 public:
  virtual ~LocustfileShape() = default;
  // environment.shape_class; nullopt if a test has no shape. Its load is ShapeCode.
  virtual std::optional<ShapeSpec> shape() = 0;
};

}  // namespace locust::master
