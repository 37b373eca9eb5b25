// SourcePos: a place in a scenario file.
#pragma once

namespace locust {

// Line and column count from 1, columns in bytes.
struct SourcePos {
  int file = 0;  // index into Scenario::files
  int line = 0;
  int column = 0;
};

}  // namespace locust
