// Compares two runs, given as /api/v1/run.json or as files of --json-file, native or stock's.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace locust::master {

struct Comparison {
  std::vector<std::string> lines;  // for a terminal
  std::string json;
};

// `before` and `after` are the contents of such files; they may be of different kinds, of which
// only /api/v1/run.json has exact percentiles. The error does not name them.
Result<Comparison> compare_runs(const std::string& before, const std::string& after);

}  // namespace locust::master
