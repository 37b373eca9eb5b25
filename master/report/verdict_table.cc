#include "master/report/verdict_table.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "common/base/number.h"
#include "master/report/text_table.h"

namespace locust::master {
namespace {

constexpr int kResultWidth = 8;
constexpr int kMeasuredWidth = 14;
constexpr int kMarginWidth = 10;

std::string dashes(int count) { return std::string(static_cast<std::size_t>(count), '-'); }

}  // namespace

std::string threshold_text(const Threshold& threshold) {
  return threshold.is_aggregated() ? threshold.condition
                                   : threshold.row() + ": " + threshold.condition;
}

std::string measured_text(const Verdict& verdict) {
  if (!verdict.value) return "no requests";
  const double value = *verdict.value;
  switch (verdict.threshold.metric) {
    case ThresholdMetric::kFailRatio:
      return fixed(value * 100, 2) + "%";
    case ThresholdMetric::kFailures:
    case ThresholdMetric::kRequests:
      return fixed(value, 0);
    case ThresholdMetric::kRps:
      return fixed(value, 2) + "/s";
    default:
      return fixed(value, value < 100 ? 2 : 0) + " ms";
  }
}

std::string margin_text(const Verdict& verdict) {
  const Threshold& threshold = verdict.threshold;
  const bool from_below =
      threshold.op == ThresholdOp::kLess || threshold.op == ThresholdOp::kLessEqual;
  const bool from_above =
      threshold.op == ThresholdOp::kGreater || threshold.op == ThresholdOp::kGreaterEqual;
  if (!verdict.value || threshold.limit == 0 || (!from_below && !from_above)) return "";
  const double way =
      from_below ? threshold.limit - *verdict.value : *verdict.value - threshold.limit;
  const double percent = way / threshold.limit * 100;
  std::string text = percent < 0 ? "" : "+";
  return text.append(fixed(percent, 1)).append("%");
}

std::vector<std::string> verdict_table(const std::vector<Verdict>& verdicts) {
  if (verdicts.empty()) return {};
  std::size_t width = 20;
  for (const Verdict& verdict : verdicts) {
    width = std::max(width, threshold_text(verdict.threshold).size());
  }
  const int threshold_width = static_cast<int>(width);
  const auto line = [threshold_width](std::string_view result, std::string_view threshold,
                                      std::string_view measured, std::string_view margin) {
    return left_aligned(result, kResultWidth) + " " + left_aligned(threshold, threshold_width) +
           " " + right_aligned(measured, kMeasuredWidth) + " " +
           right_aligned(margin, kMarginWidth);
  };
  std::vector<std::string> lines = {line("Result", "Threshold", "measured", "margin")};
  lines.push_back(dashes(kResultWidth) + "|" + dashes(threshold_width) + "|" +
                  dashes(kMeasuredWidth) + "|" + dashes(kMarginWidth));
  for (const Verdict& verdict : verdicts) {
    lines.push_back(line(verdict.holds ? "ok" : "FAILED", threshold_text(verdict.threshold),
                         measured_text(verdict), margin_text(verdict)) +
                    (verdict.two_digits ? "  2 digits" : ""));
  }
  return lines;
}

}  // namespace locust::master
