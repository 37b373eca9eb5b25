#include "master/report/text_table.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/base/printable.h"

namespace locust {
namespace {

constexpr int kTypeWidth = 8;  // STATS_TYPE_WIDTH

std::size_t code_points(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  }));
}

std::string padding(std::string_view text, int width) {
  const auto wanted = static_cast<std::size_t>(std::max(width, 0));
  const std::size_t length = code_points(text);
  return std::string(wanted > length ? wanted - length : 0, ' ');
}

// Python's "%7d", also of floats, and "%7.2f".
std::string whole(const Number& value, int width) { return right_aligned(truncated(value), width); }
std::string decimals(double value, int width) { return right_aligned(fixed(value, 2), width); }

std::string dashes(int count) {
  return std::string(static_cast<std::size_t>(std::max(count, 0)), '-');
}

// The name column of the request table is narrower than that of the other tables. In a terminal of
// less than 84 columns its width is negative: Python's padding uses the absolute value, and the row
// of dashes is empty.
int request_name_width(int name_width) { return name_width - kTypeWidth + 4; }

std::string stats_line(const StatsRow& row, bool current, int name_width) {
  const std::string fails =
      std::to_string(row.num_failures) + "(" + fixed(row.fail_ratio * 100, 2) + "%)";
  return left_aligned(row.method.empty() ? "" : row.method + " ", kTypeWidth) + " " +
         left_aligned(row.name, std::abs(request_name_width(name_width))) + " " +
         whole(row.num_requests, 7) + " " + right_aligned(fails, 12) + " |" +
         whole(row.avg_response_time, 7) + " " + whole(row.min_response_time, 7) + " " +
         whole(row.max_response_time, 7) + whole(row.median_response_time, 7) + " | " +
         decimals(current ? row.current_rps : row.total_rps, 7) + " " +
         decimals(current ? row.current_fail_per_sec : row.total_fail_per_sec, 11);
}

std::string percentile_line(const StatsRow& row, int name_width) {
  // The column of the first percentile has the width of a count; the count is in the last one.
  std::string line =
      left_aligned(row.method, kTypeWidth) + " " + left_aligned(row.name, name_width);
  int width = 8;
  for (const Number& percentile : row.percentiles) {
    line.append(" ").append(whole(percentile, width));
    width = 6;
  }
  return line + " " + whole(row.num_requests, width);
}

}  // namespace

std::string left_aligned(std::string_view text, int width) {
  const std::string shown = printable(text);
  return shown + padding(shown, width);
}

std::string right_aligned(std::string_view text, int width) {
  return padding(text, width) + std::string(text);
}

int stats_name_width(std::optional<int> terminal_columns) {
  constexpr int kWidest = 80;
  constexpr int kOtherColumns = 80;
  if (!terminal_columns) return kWidest;
  return std::clamp(*terminal_columns - kOtherColumns, 0, kWidest);
}

std::vector<std::string> stats_table(const StatsSummary& stats, bool current, int name_width) {
  const int width = request_name_width(name_width);
  const std::string separator = dashes(kTypeWidth) + "|" + dashes(width) + "|" + dashes(7) + "|" +
                                dashes(13) + "|" + dashes(7) + "|" + dashes(7) + "|" + dashes(7) +
                                "|" + dashes(7) + "|" + dashes(8) + "|" + dashes(11);
  std::vector<std::string> lines;
  lines.push_back(left_aligned("Type", kTypeWidth) + " " + left_aligned("Name", std::abs(width)) +
                  "  # reqs      # fails |    Avg     Min     Max    Med |   req/s  failures/s");
  lines.push_back(separator);
  for (const StatsRow& row : stats.entries) {
    lines.push_back(stats_line(row, current, name_width));
  }
  lines.push_back(separator);
  lines.push_back(stats_line(stats.total, current, name_width));
  return lines;
}

std::vector<std::string> percentile_table(const StatsSummary& stats, int name_width) {
  std::string header = left_aligned("Type", kTypeWidth) + " " + left_aligned("Name", name_width);
  std::string separator = dashes(kTypeWidth) + "|" + dashes(name_width) + "|" + dashes(8);
  int width = 8;
  for (const double percentile : kPercentilesToReport) {
    header.append(" ").append(right_aligned(readable_percentile(percentile), width));
    separator.append("|").append(dashes(6));
    width = 6;
  }
  header.append(" ").append(right_aligned("# reqs", width));

  std::vector<std::string> lines = {"Response time percentiles (approximated)", header, separator};
  for (const StatsRow& row : stats.entries) {
    if (row.has_response_times) lines.push_back(percentile_line(row, name_width));
  }
  lines.push_back(separator);
  if (stats.total.has_response_times) lines.push_back(percentile_line(stats.total, name_width));
  return lines;
}

std::vector<std::string> error_table(const StatsSummary& stats, int name_width) {
  if (stats.errors.empty()) return {};
  const std::string separator = dashes(18) + "|" + dashes(80 + name_width - 19);
  std::vector<std::string> lines = {
      "Error report", left_aligned("# occurrences", 18) + " " + left_aligned("Error", 100),
      separator};
  for (const auto& [key, error] : stats.errors) {
    lines.push_back(left_aligned(std::to_string(error.occurrences), 18) + " " +
                    left_aligned(error.to_name(), 100));
  }
  lines.push_back(separator);
  lines.emplace_back();
  return lines;
}

}  // namespace locust
