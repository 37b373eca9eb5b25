#include "worker/scenario/feeder_load.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/nearest_name.h"
#include "common/scenario/named_files.h"
#include "worker/scenario/scenario_file.h"
#include "worker/scenario/text.h"

namespace locust::worker {
namespace {

FeederTable load_rows(const FeederSpec& spec, ScenarioRuntime& runtime, const ReportError& report) {
  std::vector<ExprValue> rows;
  std::vector<std::string> columns;
  for (const ValueTemplate& row : spec.rows) {
    try {
      const CompiledValue compiled = compile_value(row, runtime);
      const ExprValue* constant = compiled.constant();
      if (constant == nullptr) {
        report(row.pos, "a row may contain ${env.NAME}, but nothing that changes during the run");
        continue;
      }
      rows.push_back(*constant);
    } catch (const ExprFailure& e) {
      report(row.pos, e.what());
      continue;
    }
    for (const auto& [column, value] : *rows.back().as_map()) {
      if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
        columns.push_back(column);
      }
    }
  }
  FeederTable table = FeederTable::of_values(std::move(columns));
  for (const ExprValue& row : rows) table.add(*row.as_map());
  return table;
}

FeederTable load_table(const Scenario& scenario, const FeederSpec& spec, ScenarioRuntime& runtime,
                       const ReportError& report) {
  if (spec.source == FeederSpec::Source::kNone) return {};
  if (spec.source == FeederSpec::Source::kRows) return load_rows(spec, runtime, report);
  const std::string path = path_from(scenario, spec.source_pos, spec.path);
  auto text = read_scenario_file(path);
  if (!text) {
    report(spec.source_pos, text.error());
    return {};
  }
  const FileErrors error = [&](const std::string& message) { report(spec.source_pos, message); };
  if (spec.source == FeederSpec::Source::kJson) return read_feeder_json(path, *text, error);
  return read_feeder_csv(path, *std::move(text), spec.delimiter, error);
}

// Returns a hint if the header seems to use another delimiter; otherwise an empty string.
std::string other_delimiter(const Feeder& feeder, const std::vector<std::string>& columns) {
  if (feeder.spec().source != FeederSpec::Source::kCsv || columns.size() != 1) return {};
  for (const char c : {';', '\t', ',', '|'}) {
    if (columns.front().find(c) == std::string::npos) continue;
    return "; its one column is " + in_quotes(columns.front()) + ": set 'delimiter: \"" +
           (c == '\t' ? std::string("\\t") : std::string(1, c)) + "\"'";
  }
  return {};
}

}  // namespace

Feeder load_feeder(const Scenario& scenario, const FeederSpec& spec, ScenarioRuntime& runtime,
                   const ReportError& report) {
  return Feeder(spec, load_table(scenario, spec, runtime, report));
}

std::string unknown_column(const Feeder& feeder, const std::string& column) {
  const std::vector<std::string> columns = feeder.columns();
  const bool is_known = std::find(columns.begin(), columns.end(), column) != columns.end();
  const bool is_broken = columns.empty() && feeder.spec().source != FeederSpec::Source::kNone;
  if (is_known || is_broken) return {};
  const std::string what =
      "the feeder " + in_quotes(feeder.spec().name) + " has no column " + in_quotes(column);
  if (const std::string hint = other_delimiter(feeder, columns); !hint.empty()) return what + hint;
  return what + did_you_mean(column, {columns.begin(), columns.end()});
}

}  // namespace locust::worker
