// Stock's console tables, line by line and byte for byte (stats.py get_stats_summary,
// get_percentile_stats_summary, get_error_report_summary). Columns are padded by code points, as in
// Python; nothing is truncated.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/stats/stats_summary.h"

namespace locust {

// Python's "%-8s" and "%8s", for printable text (common/base/printable.h).
std::string left_aligned(std::string_view text, int width);
std::string right_aligned(std::string_view text, int width);

// The width of the name column (STATS_NAME_WIDTH): the rest of a terminal's columns, at most 80.
// nullopt means that there is no terminal.
int stats_name_width(std::optional<int> terminal_columns);

// The table of requests. Rates are those of the last ten seconds if `current`, else of the whole
// run.
std::vector<std::string> stats_table(const StatsSummary& stats, bool current, int name_width);

std::vector<std::string> percentile_table(const StatsSummary& stats, int name_width);

// Empty without errors (print_error_report); otherwise the last line is empty.
std::vector<std::string> error_table(const StatsSummary& stats, int name_width);

}  // namespace locust
