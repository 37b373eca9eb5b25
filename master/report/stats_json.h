// Stock's JSON of the statistics (--json, --json-file; stats.py serialize_stats).
#pragma once

#include <string>

#include "common/stats/stats.h"

namespace locust::master {

// An array of the entries that have requests or failures, each with the fields of a worker's report
// (docs/protocol.md §5.1), in order of creation, indented by four. Unlike stock, does not reset the
// entries.
std::string stats_json(const RequestStats& stats);

}  // namespace locust::master
