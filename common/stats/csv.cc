#include "common/stats/csv.h"

#include <algorithm>
#include <ctime>
#include <utility>
#include <vector>

namespace locust {
namespace {

void add_readable_percentiles(std::vector<std::string>& columns) {
  for (const double percentile : kPercentilesToReport) {
    columns.push_back(readable_percentile(percentile));
  }
}

// Adds the values over the whole run, which both files of requests have.
void add_totals(std::vector<std::string>& fields, const StatsRow& row) {
  fields.insert(fields.end(), {std::to_string(row.num_requests), std::to_string(row.num_failures),
                               row.median_response_time.repr(), float_repr(row.avg_response_time),
                               row.min_response_time.repr(), row.max_response_time.repr(),
                               row.avg_content_length.repr()});
}

void add_percentiles(std::vector<std::string>& fields, const StatsRow& row, bool current) {
  for (std::size_t i = 0; i < row.percentiles.size(); ++i) {
    const Number value =
        current ? row.current_percentiles[i].value_or(Number(0)) : row.percentiles[i];
    fields.push_back(row.num_requests == 0 ? "N/A" : truncated(value));
  }
}

std::string requests_csv_row(const StatsRow& row, CsvCells cells) {
  std::vector<std::string> fields = {csv_text(row.method, cells), csv_text(row.name, cells)};
  add_totals(fields, row);
  fields.push_back(float_repr(row.total_rps));
  fields.push_back(float_repr(row.total_fail_per_sec));
  add_percentiles(fields, row, /*current=*/false);
  return csv_row(fields);
}

std::string timestamp_field(const std::optional<double>& seconds) {
  return seconds ? format_utc_timestamp(*seconds) : "";
}

}  // namespace

std::string csv_text(std::string text, CsvCells cells) {
  constexpr std::string_view kBeginsFormula = "=+-@\t\r";
  if (cells == CsvCells::kSafe && text.find_first_of(kBeginsFormula) == 0) text.insert(0, 1, '\'');
  return text;
}

void append_csv_field(std::string& row, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    row += field;
    return;
  }
  row += '"';
  for (const char c : field) {
    if (c == '"') row += '"';
    row += c;
  }
  row += '"';
}

std::string csv_row(std::span<const std::string> fields) {
  // A single empty field would read as a row without fields.
  if (fields.size() == 1 && fields[0].empty()) return "\"\"\r\n";
  std::string row;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) row += ',';
    append_csv_field(row, fields[i]);
  }
  return row += "\r\n";
}

std::string requests_csv(const StatsSummary& stats, CsvCells cells) {
  std::vector<std::string> columns = {
      "Type",
      "Name",
      "Request Count",
      "Failure Count",
      "Median Response Time",
      "Average Response Time",
      "Min Response Time",
      "Max Response Time",
      "Average Content Size",
      "Requests/s",
      "Failures/s",
  };
  add_readable_percentiles(columns);
  std::string text = csv_row(columns);
  for (const StatsRow& row : stats.entries) text += requests_csv_row(row, cells);
  return text += requests_csv_row(stats.total, cells);
}

std::string stats_history_csv_header() {
  std::vector<std::string> columns = {"Timestamp", "User Count", "Type",
                                      "Name",      "Requests/s", "Failures/s"};
  add_readable_percentiles(columns);
  columns.insert(columns.end(),
                 {"Total Request Count", "Total Failure Count", "Total Median Response Time",
                  "Total Average Response Time", "Total Min Response Time",
                  "Total Max Response Time", "Total Average Content Size"});
  return csv_row(columns);
}

std::string stats_history_csv_rows(const StatsSummary& stats, const HistoryMoment& moment,
                                   bool full_history, CsvCells cells) {
  std::string text;
  const auto add_row = [&](const StatsRow& row) {
    std::vector<std::string> fields = {
        std::to_string(moment.second), std::to_string(moment.user_count),
        csv_text(row.method, cells),   csv_text(row.name, cells),
        fixed(row.current_rps, 6),     fixed(row.current_fail_per_sec, 6)};
    // Without the other entries stock writes percentiles of the whole run.
    add_percentiles(fields, row, /*current=*/full_history);
    add_totals(fields, row);
    text += csv_row(fields);
  };
  if (full_history) {
    for (const StatsRow& row : stats.entries) add_row(row);
  }
  add_row(stats.total);
  return text;
}

std::string failures_csv(const StatsSummary& stats, CsvCells cells) {
  std::string text = "Method,Name,Error,Occurrences,First Seen,Last Seen\r\n";
  std::vector<const std::pair<std::string, StatsError>*> sorted;
  sorted.reserve(stats.errors.size());
  for (const auto& keyed : stats.errors) sorted.push_back(&keyed);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* keyed : sorted) {
    const StatsError& error = keyed->second;
    const std::vector<std::string> fields = {csv_text(error.method, cells),
                                             csv_text(error.name, cells),
                                             csv_text(StatsError::parse_error(error.error), cells),
                                             std::to_string(error.occurrences),
                                             timestamp_field(error.first_seen),
                                             timestamp_field(error.last_seen)};
    text += csv_row(fields);
  }
  return text;
}

std::string exceptions_csv_header() { return "Count,Message,Traceback,Nodes\r\n"; }

std::string exceptions_csv_row(std::int64_t count, std::string_view message,
                               std::string_view traceback, const std::set<std::string>& nodes,
                               CsvCells cells) {
  std::string joined;
  for (const std::string& node : nodes) joined += (joined.empty() ? "" : ", ") + node;
  const std::vector<std::string> fields = {
      std::to_string(count), csv_text(std::string(message), cells),
      csv_text(std::string(traceback), cells), csv_text(std::move(joined), cells)};
  return csv_row(fields);
}

std::string format_utc_timestamp(double seconds_since_epoch) {
  const auto seconds = static_cast<std::time_t>(to_second(seconds_since_epoch));
  std::tm parts{};
  // Fails only for years that no int holds; the text then shows the year 1900.
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data(), size);
}

}  // namespace locust
