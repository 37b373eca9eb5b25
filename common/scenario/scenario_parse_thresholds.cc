#include <array>
#include <string>

#include "common/base/nearest_name.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

struct ThresholdDraft {
  std::vector<Threshold> thresholds;
  Duration after = Duration::zero();
  bool abort = false;
};

void read_require(ScenarioReader& reader, const YamlNode& value, ThresholdDraft& draft) {
  if (!reader.is_whole_text(value, "a threshold")) return;
  ParsedThresholds parsed = parse_thresholds(value.text);
  if (parsed.thresholds.empty()) {
    reader.report(value, {parsed.offset, std::move(parsed.message)});
  }
  draft.thresholds = std::move(parsed.thresholds);
}

constexpr std::array kThresholdKeys = {
    KeyRow<ThresholdDraft>{"require", read_require},
    KeyRow<ThresholdDraft>{"after",
                           [](ScenarioReader& r, const YamlNode& v, ThresholdDraft& draft) {
                             draft.after = r.time_span(v, "'after'").value_or(draft.after);
                           }},
    KeyRow<ThresholdDraft>{"abort",
                           [](ScenarioReader& r, const YamlNode& v, ThresholdDraft& draft) {
                             draft.abort = r.boolean(v, "'abort'").value_or(false);
                           }},
};

// "TYPE NAME: CONDITIONS", which YAML takes for a mapping.
void read_row(ScenarioReader& reader, const YamlNode& node, ThresholdDraft& draft) {
  const auto& [row, conditions] = node.entries.front();
  if (node.entries.size() != 1) {
    reader.error(node, "a threshold has one row, or 'require'");
    return;
  }
  if (!reader.is_whole_text(*conditions, "what must hold for " + in_quotes(row->text))) return;
  ParsedThresholds parsed = parse_conditions(row->text, conditions->text);
  if (parsed.wrong_row) {
    reader.error(*row, std::move(parsed.message));
  } else if (parsed.thresholds.empty()) {
    reader.report(*conditions, {parsed.offset, std::move(parsed.message)});
  }
  draft.thresholds = std::move(parsed.thresholds);
}

// A number that grows during a test can only be judged at its end.
bool holds_at_the_end_only(const Threshold& threshold) {
  return threshold.metric == ThresholdMetric::kRequests &&
         (threshold.op == ThresholdOp::kGreater || threshold.op == ThresholdOp::kGreaterEqual);
}

void read_threshold(ScenarioReader& reader, const YamlNode& node) {
  ThresholdDraft draft;
  if (node.kind != YamlNode::Kind::kMap) {
    read_require(reader, node, draft);
  } else if (find_entry(node, "require") != nullptr) {
    read_keys<ThresholdDraft>(reader, node, kThresholdKeys, "a threshold", draft);
  } else if (!node.entries.empty()) {
    read_row(reader, node, draft);
  } else {
    reader.error(node, "a threshold has 'require'");
  }
  for (Threshold& threshold : draft.thresholds) {
    threshold.after = draft.after;
    threshold.abort = draft.abort;
    if (draft.abort && holds_at_the_end_only(threshold)) {
      reader.error(node, in_quotes(threshold.condition) +
                             " cannot abort a test: it holds at the end at the earliest");
    }
    reader.scenario().thresholds.push_back(std::move(threshold));
  }
}

}  // namespace

std::vector<std::string_view> threshold_keys() {
  return readable_keys<ThresholdDraft>(kThresholdKeys);
}

void read_thresholds(ScenarioReader& reader, const YamlNode& value, Scenario&) {
  if (!reader.is_list(value, "'thresholds'")) return;
  for (const YamlNode* item : value.items) read_threshold(reader, *item);
}

}  // namespace locust
