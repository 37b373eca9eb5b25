#include "common/scenario/threshold.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "common/base/nearest_name.h"
#include "common/base/text.h"
#include "common/scenario/expression_value.h"

namespace locust {
namespace {

constexpr std::string_view kForm = "a threshold is METRIC OP VALUE, such as 'p95 < 500ms'";

constexpr auto kMetrics = std::to_array<std::pair<std::string_view, ThresholdMetric>>({
    {"fail_ratio", ThresholdMetric::kFailRatio},
    {"failures", ThresholdMetric::kFailures},
    {"requests", ThresholdMetric::kRequests},
    {"rps", ThresholdMetric::kRps},
    {"avg", ThresholdMetric::kAvg},
    {"min", ThresholdMetric::kMin},
    {"max", ThresholdMetric::kMax},
    {"median", ThresholdMetric::kPercentile},
});

// The longer ones first.
constexpr auto kOps = std::to_array<std::pair<std::string_view, ThresholdOp>>({
    {"<=", ThresholdOp::kLessEqual},
    {">=", ThresholdOp::kGreaterEqual},
    {"==", ThresholdOp::kEqual},
    {"!=", ThresholdOp::kNotEqual},
    {"<", ThresholdOp::kLess},
    {">", ThresholdOp::kGreater},
});

// "p95", "p99.9" as a number up to 1.
std::optional<double> percentile_of(std::string_view name) {
  if (name.size() < 2 || name.front() != 'p') return std::nullopt;
  double percent = 0;
  const auto [rest, ec] = std::from_chars(name.data() + 1, name.data() + name.size(), percent,
                                          std::chars_format::fixed);
  const bool whole = ec == std::errc{} && rest == name.data() + name.size();
  if (!whole || !(percent > 0) || percent > 100) return std::nullopt;
  return percent / 100;
}

bool is_time(ThresholdMetric metric) {
  return metric == ThresholdMetric::kAvg || metric == ThresholdMetric::kMin ||
         metric == ThresholdMetric::kMax || metric == ThresholdMetric::kPercentile;
}

// Sets metric and percentile. Returns the error; empty if there is none.
std::string read_metric(std::string_view name, Threshold& threshold) {
  std::vector<std::string_view> known = {"p95"};
  for (const auto& [text, metric] : kMetrics) {
    known.push_back(text);
    if (text != name) continue;
    threshold.metric = metric;
    threshold.percentile = 0.5;
    return "";
  }
  if (const auto percentile = percentile_of(name)) {
    threshold.metric = ThresholdMetric::kPercentile;
    threshold.percentile = *percentile;
    return "";
  }
  const std::string hint = did_you_mean(name, known);
  return "unknown metric " + in_quotes(name) +
         (hint.empty() ? "; there are fail_ratio, failures, requests, rps, avg, median, min, max "
                         "and percentiles such as p95 and p99.9"
                       : hint);
}

// Sets the limit. Returns the error; empty if there is none.
std::string read_limit(std::string_view text, Threshold& threshold) {
  const std::string quoted = in_quotes(text);
  if (is_time(threshold.metric)) {
    if (const auto time = parse_duration(text)) {
      threshold.limit = to_seconds(*time) * 1000;
      return "";
    }
    return parse_json_number(text)
               ? "a time needs a unit: " + std::string(text) + "ms or " + std::string(text) + "s"
               : quoted + " is not a time such as 500ms or 2s";
  }
  const bool ratio = threshold.metric == ThresholdMetric::kFailRatio;
  const bool percent = ratio && text.ends_with('%');
  const auto number = parse_json_number(trimmed(percent ? text.substr(0, text.size() - 1) : text));
  if (!number || !(number->as_double() >= 0) || !std::isfinite(number->as_double())) {
    return quoted + (ratio ? " is not a ratio such as 1% or 0.01" : " is not a number, 0 or more");
  }
  threshold.limit = percent ? number->as_double() / 100 : number->as_double();
  if (ratio && threshold.limit > 1) {
    return quoted + " is more than all requests; write " + std::string(text) + "%" +
           (percent ? " as 100% at most" : "");
  }
  return "";
}

// Reads one condition at `offset`.
bool read_condition(std::string_view text, std::size_t offset, Threshold& threshold,
                    ParsedThresholds& result) {
  const auto fail = [&](std::string_view part, std::string message) {
    result.offset =
        part.empty() ? offset : offset + static_cast<std::size_t>(part.data() - text.data());
    result.message = std::move(message);
    return false;
  };
  const std::size_t op_at = text.find_first_of("<>=!");
  if (op_at == std::string_view::npos) return fail({}, std::string(kForm));
  const std::string_view metric = trimmed(text.substr(0, op_at));
  const auto op = std::find_if(kOps.begin(), kOps.end(), [&](const auto& known) {
    return text.substr(op_at).starts_with(known.first);
  });
  if (op == kOps.end()) {
    return fail(text.substr(op_at), "unknown comparison; there are < <= > >= == and !=");
  }
  threshold.op = op->second;
  const std::string_view value = trimmed(text.substr(op_at + op->first.size()));
  if (metric.empty() || value.empty()) return fail({}, std::string(kForm));
  if (std::string wrong = read_metric(metric, threshold); !wrong.empty()) {
    return fail(metric, std::move(wrong));
  }
  if (std::string wrong = read_limit(value, threshold); !wrong.empty()) {
    return fail(value, std::move(wrong));
  }
  threshold.condition = trimmed(text);
  return true;
}

bool read_row(std::string_view row, Threshold& threshold, ParsedThresholds& result) {
  if (row.empty() || row == "Aggregated") return true;
  const std::size_t space = row.find_first_of(kBlanks);
  if (space == std::string_view::npos) {
    result.wrong_row = true;
    result.message = in_quotes(row) +
                     " is not a row of the statistics: write its type and name, such as 'GET /'";
    return false;
  }
  threshold.method = row.substr(0, space);
  threshold.name = trimmed(row.substr(space));
  if (Threshold other; read_metric(threshold.method, other).empty()) {
    const std::string_view last = trimmed(row.substr(row.find_last_of(',') + 1));
    result.wrong_row = true;
    result.message =
        "a threshold is about one row; make the conditions of " + in_quotes(last) + " another one";
  }
  return !result.wrong_row;
}

// `offset` is the place of the conditions.
ParsedThresholds parse(std::string_view row, std::string_view conditions, std::size_t offset) {
  ParsedThresholds result;
  Threshold threshold;
  if (!read_row(trimmed(row), threshold, result)) return result;
  for (std::size_t begin = 0; begin <= conditions.size();) {
    const std::size_t end = std::min(conditions.find(',', begin), conditions.size());
    const std::size_t first = std::min(conditions.find_first_not_of(kBlanks, begin), end);
    if (!read_condition(trimmed(conditions.substr(first, end - first)), offset + first, threshold,
                        result)) {
      result.thresholds.clear();
      return result;
    }
    result.thresholds.push_back(threshold);
    begin = end + 1;
  }
  return result;
}

}  // namespace

ParsedThresholds parse_conditions(std::string_view row, std::string_view conditions) {
  return parse(row, conditions, 0);
}

ParsedThresholds parse_thresholds(std::string_view text) {
  // A name may contain colons; a condition does not.
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return parse({}, text, 0);
  return parse(text.substr(0, colon), text.substr(colon + 1), colon + 1);
}

bool satisfies(double value, ThresholdOp op, double limit) {
  switch (op) {
    case ThresholdOp::kLess:
      return value < limit;
    case ThresholdOp::kLessEqual:
      return value <= limit;
    case ThresholdOp::kGreater:
      return value > limit;
    case ThresholdOp::kGreaterEqual:
      return value >= limit;
    case ThresholdOp::kEqual:
      return value == limit;
    case ThresholdOp::kNotEqual:
      return value != limit;
  }
  return false;
}

}  // namespace locust
