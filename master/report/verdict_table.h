// Formats verdicts for people.
#pragma once

#include <string>
#include <vector>

#include "master/report/verdict.h"

namespace locust::master {

// "GET /api/orders: p99 < 800ms"; without the row for Aggregated.
std::string threshold_text(const Threshold& threshold);
// "812 ms", "0.42%", "no requests".
std::string measured_text(const Verdict& verdict);
// The distance of the value from the limit, in percent of the limit, positive on the good side:
// "+16.0%", "-4.2%"; "" if undefined.
std::string margin_text(const Verdict& verdict);

// The table that ends a run; no lines without verdicts.
std::vector<std::string> verdict_table(const std::vector<Verdict>& verdicts);

}  // namespace locust::master
