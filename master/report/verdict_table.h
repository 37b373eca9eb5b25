// Verdicts as a person reads them.
#pragma once

#include <string>
#include <vector>

#include "master/report/verdict.h"

namespace locust::master {

// "GET /api/orders: p99 < 800ms"; without the row for Aggregated.
std::string threshold_text(const Threshold& threshold);
// "812 ms", "0.42%", "no requests".
std::string measured_text(const Verdict& verdict);
// How far the value is on the good side of the limit, in percent of the limit: "+16.0%", "-4.2%";
// "" where that means nothing.
std::string margin_text(const Verdict& verdict);

// The table that ends a run; no lines without verdicts.
std::vector<std::string> verdict_table(const std::vector<Verdict>& verdicts);

}  // namespace locust::master
