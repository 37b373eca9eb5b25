#include "master/report/compare.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "common/base/number.h"
#include "common/stats/stats.h"
#include "master/report/text_table.h"

namespace locust::master {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kUnknownFile = "neither from /api/v1/run.json nor from --json-file";
constexpr int kNameWidth = 40;
constexpr int kValueWidth = 12;
constexpr int kChangeWidth = 9;

// The compared values of one row of one run, by their names in the table.
using Values = std::vector<std::pair<std::string, std::optional<double>>>;

std::optional<double> number_of(const Json& object, const std::string& key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_number() ? std::optional(value->get<double>())
                                                     : std::nullopt;
}

Values values_of(const Json& entry) {
  Values values = {{"requests", number_of(entry, "num_requests")},
                   {"failures", number_of(entry, "num_failures")},
                   {"requests/s", number_of(entry, "total_rps")},
                   {"average ms", number_of(entry, "avg_response_time")}};
  if (const auto times = entry.find("percentiles"); times != entry.end() && times->is_object()) {
    for (const auto& [percentile, ms] : times->items()) {
      values.emplace_back(std::string("p").append(percentile).append(" ms"),
                          ms.is_number() ? std::optional(ms.get<double>()) : std::nullopt);
    }
  }
  return values;
}

std::string text_at(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_string() ? value->get<std::string>() : "";
}

std::string row_name(const Json& entry) {
  const std::string method = text_at(entry, "method");
  const std::string name = text_at(entry, "name");
  return method.empty() ? name : method + " " + name;
}

// The rows of a run by name, the total at the end.
using Rows = std::vector<std::pair<std::string, Values>>;

// ---- The file of --json-file ----

constexpr std::array kPercentilesOfBuckets = {50, 95, 99};
constexpr double kMostRequests = 1e15;

std::int64_t count_of(const Json& value) {
  return value.is_number()
             ? static_cast<std::int64_t>(std::clamp(value.get<double>(), 0.0, kMostRequests))
             : 0;
}

std::int64_t count_at(const Json& entry, const char* key) {
  const auto value = entry.find(key);
  return value == entry.end() ? 0 : count_of(*value);
}

StatsEntry entry_of(const Json& json) {
  StatsEntry entry(text_at(json, "name"), text_at(json, "method"), 0);
  entry.start_time = number_of(json, "start_time").value_or(0);
  entry.last_request_timestamp = number_of(json, "last_request_timestamp");
  entry.num_requests = count_at(json, "num_requests");
  entry.num_none_requests = count_at(json, "num_none_requests");
  entry.num_failures = count_at(json, "num_failures");
  entry.total_response_time = Number(number_of(json, "total_response_time").value_or(0));
  const auto times = json.find("response_times");
  if (times == json.end() || !times->is_object()) return entry;
  for (const auto& [ms, count] : times->items()) {
    double value = 0;
    const auto [rest, error] = std::from_chars(ms.data(), ms.data() + ms.size(), value);
    if (error == std::errc() && rest == ms.data() + ms.size() && std::isfinite(value)) {
      entry.response_times.add(Number(value), count_of(count));
    }
  }
  return entry;
}

// Rates are over the time of the whole run, `total`'s.
Values values_of(const StatsEntry& entry, const StatsEntry& total) {
  Values values = {{"requests", static_cast<double>(entry.num_requests)},
                   {"failures", static_cast<double>(entry.num_failures)},
                   {"requests/s", entry.total_rps(total)},
                   {"average ms", entry.avg_response_time()}};
  for (const int percentile : kPercentilesOfBuckets) {
    values.emplace_back(std::string("p").append(std::to_string(percentile)).append(" ms"),
                        entry.get_response_time_percentile(percentile / 100.0).as_double());
  }
  return values;
}

Result<Rows> rows_of_json_file(const Json& array) {
  std::vector<StatsEntry> entries;
  StatsEntry total("Aggregated", "", 0);
  for (const Json& json : array) {
    if (!json.is_object() || !json.contains("name") || !json.contains("num_requests")) {
      return Error{std::string(kUnknownFile)};
    }
    entries.push_back(entry_of(json));
    const StatsEntry& entry = entries.back();
    if (entry.method == kTransactionMethod) continue;  // counted by its requests
    total.start_time =
        total.start_time == 0 ? entry.start_time : std::min(total.start_time, entry.start_time);
    total.extend(entry);
  }
  Rows rows;
  for (const StatsEntry& entry : entries) {
    const std::string method = entry.method.value_or("");
    rows.emplace_back(method.empty() ? entry.name : method + " " + entry.name,
                      values_of(entry, total));
  }
  rows.emplace_back("Aggregated", values_of(total, total));
  return rows;
}

// ---- Both ----

Result<Rows> rows_of(const std::string& text) {
  const Json run = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (run.is_array()) return rows_of_json_file(run);
  const Json* entries = nullptr;
  if (run.is_object() && run.contains("entries")) entries = &run.at("entries");
  if (entries == nullptr || !entries->is_object() || !entries->contains("entries") ||
      !entries->at("entries").is_array() || !entries->contains("total") ||
      !entries->at("total").is_object()) {
    return Error{std::string(kUnknownFile)};
  }
  Rows rows;
  for (const Json& entry : entries->at("entries")) {
    if (entry.is_object()) rows.emplace_back(row_name(entry), values_of(entry));
  }
  rows.emplace_back("Aggregated", values_of(entries->at("total")));
  return rows;
}

std::string shown(const std::optional<double>& value) {
  if (!value) return "-";
  return fixed(*value, *value == static_cast<double>(static_cast<std::int64_t>(*value)) ? 0 : 2);
}

std::optional<double> change_of(const std::optional<double>& before,
                                const std::optional<double>& after) {
  if (!before || !after || *before == 0) return std::nullopt;
  return (*after - *before) / *before * 100;
}

std::string change_text(const std::optional<double>& percent) {
  if (!percent) return "";
  return std::string(*percent > 0 ? "+" : "").append(fixed(*percent, 1)).append("%");
}

void add_row(Comparison& comparison, Json& json, const std::string& name, const Values* before,
             const Values* after) {
  comparison.lines.push_back(name + (before == nullptr  ? "  (only in the second run)"
                                     : after == nullptr ? "  (only in the first run)"
                                                        : ""));
  Json values = Json::object();
  const auto find = [](const Values* list, const std::string& what) {
    if (list == nullptr) return std::optional<double>();
    const auto place = std::find_if(list->begin(), list->end(),
                                    [&](const auto& value) { return value.first == what; });
    return place == list->end() ? std::nullopt : place->second;
  };
  for (const auto& [what, ignored] : before == nullptr ? *after : *before) {
    const auto then = find(before, what);
    const auto now = find(after, what);
    const auto change = change_of(then, now);
    comparison.lines.push_back(left_aligned(std::string("  ").append(what), kNameWidth) +
                               right_aligned(shown(then), kValueWidth) +
                               right_aligned(shown(now), kValueWidth) +
                               right_aligned(change_text(change), kChangeWidth + 1));
    values[what] = {{"before", then ? Json(*then) : Json()},
                    {"after", now ? Json(*now) : Json()},
                    {"change_percent", change ? Json(*change) : Json()}};
  }
  json.push_back({{"name", name}, {"values", std::move(values)}});
}

}  // namespace

Result<Comparison> compare_runs(const std::string& before, const std::string& after) {
  const auto first = rows_of(before);
  if (!first) return Error{"the first file is " + first.error()};
  const auto second = rows_of(after);
  if (!second) return Error{"the second file is " + second.error()};
  const std::map<std::string, Values> then(first->begin(), first->end());
  const std::map<std::string, Values> now(second->begin(), second->end());
  Comparison comparison;
  comparison.lines.push_back(left_aligned("", kNameWidth) + right_aligned("before", kValueWidth) +
                             right_aligned("after", kValueWidth) +
                             right_aligned("change", kChangeWidth + 1));
  Json rows = Json::array();
  for (const auto& [name, values] : *first) {
    const auto other = now.find(name);
    add_row(comparison, rows, name, &values, other == now.end() ? nullptr : &other->second);
  }
  for (const auto& [name, values] : *second) {
    if (!then.contains(name)) add_row(comparison, rows, name, nullptr, &values);
  }
  comparison.json = Json{{"rows", std::move(rows)}}.dump(2, ' ', /*ensure_ascii=*/false,
                                                         Json::error_handler_t::replace);
  return comparison;
}

}  // namespace locust::master
