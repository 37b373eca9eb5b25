// Stock's CSV files as texts (stats.py StatsCSV), quoted as Python's csv module does: CRLF ends a
// row, and a field is quoted only if it has a comma, a double quote, CR or LF.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "common/stats/stats_summary.h"

namespace locust {

// One row, including its line end.
std::string csv_row(std::span<const std::string> fields);
// One field, quoted if necessary.
void append_csv_field(std::string& row, std::string_view field);

// How external texts, such as names and errors, are written in cells. A spreadsheet evaluates a
// cell that starts with = + - @, a tab or CR as a formula, which may run programs; kSafe puts a '
// before it. Stock writes kRaw.
enum class CsvCells { kRaw, kSafe };
std::string csv_text(std::string text, CsvCells cells);

// Header and rows of NAME_stats.csv and NAME_failures.csv. Requests are in the summary's order and
// end with the total; failures are sorted by their key.
std::string requests_csv(const StatsSummary& stats, CsvCells cells = CsvCells::kRaw);
std::string failures_csv(const StatsSummary& stats, CsvCells cells = CsvCells::kRaw);

// Header of NAME_stats_history.csv, and the rows that one second adds to it: the total, after every
// entry if `full_history`.
struct HistoryMoment {
  std::int64_t second = 0;  // since the epoch
  std::int64_t user_count = 0;
};
std::string stats_history_csv_header();
std::string stats_history_csv_rows(const StatsSummary& stats, const HistoryMoment& moment,
                                   bool full_history, CsvCells cells = CsvCells::kRaw);

// Header of NAME_exceptions.csv, and one row of it; `nodes` are the ids of workers.
std::string exceptions_csv_header();
std::string exceptions_csv_row(std::int64_t count, std::string_view message,
                               std::string_view traceback, const std::set<std::string>& nodes,
                               CsvCells cells = CsvCells::kRaw);

// "2023-11-17T07:11:39Z" (util/date.py format_utc_timestamp).
std::string format_utc_timestamp(double seconds_since_epoch);

}  // namespace locust
