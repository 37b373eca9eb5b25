#include "tests/replay/replay_stats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>

#include "common/base/printable.h"
#include "common/stats/csv.h"
#include "common/stats/stats.h"
#include "common/stats/stats_summary.h"
#include "master/report/text_table.h"

namespace locust {
namespace {

using Json = nlohmann::json;

constexpr int kNameWidth = 80;  // the vectors' tables are those of a wide terminal

// Anything the replay cannot make sense of ends its case; the message becomes a difference.
struct BadCase {
  std::string message;
};

const Json& field(const Json& object, const char* key) {
  if (!object.is_object()) throw BadCase{std::string("no object holds ") + key};
  const auto at = object.find(key);
  if (at == object.end()) throw BadCase{std::string("key is missing: ") + key};
  return *at;
}

Number number(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number_float()) return value.get<double>();
  throw BadCase{"not a number: " + value.dump()};
}

std::string text(const Json& value) {
  if (!value.is_string()) throw BadCase{"not a text: " + value.dump()};
  return value.get<std::string>();
}

// The product's values as JSON of the vectors' form.

Json json(const Number& value) {
  return value.is_float() ? Json(value.as_double()) : Json(value.to_int());
}

template <typename T>
Json json(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

template <>
Json json(const std::optional<Number>& value) {
  return value ? json(*value) : Json();
}

Json json(const ResponseTimes& times) {
  Json pairs = Json::array();
  for (std::size_t i = 0; i < times.size(); ++i) {
    pairs.push_back({json(times[i].response_time), times[i].count});
  }
  return pairs;
}

Json json(const SecondCounts& counts) {
  Json pairs = Json::array();
  for (const auto& [second, count] : counts.seconds()) pairs.push_back({second, count});
  return pairs;
}

Json json(const StatsEntry& entry) {
  return {{"name", entry.name},
          {"method", json(entry.method)},
          {"last_request_timestamp", json(entry.last_request_timestamp)},
          {"start_time", entry.start_time},
          {"num_requests", entry.num_requests},
          {"num_none_requests", entry.num_none_requests},
          {"num_failures", entry.num_failures},
          {"total_response_time", json(entry.total_response_time)},
          {"max_response_time", json(entry.max_response_time)},
          {"min_response_time", json(entry.min_response_time)},
          {"total_content_length", entry.total_content_length},
          {"response_times", json(entry.response_times)},
          {"num_reqs_per_sec", json(entry.num_reqs_per_sec)},
          {"num_fail_per_sec", json(entry.num_fail_per_sec)}};
}

Json json(const StatsReport& report) {
  Json stats = Json::array();
  for (const StatsEntry& entry : report.stats) stats.push_back(json(entry));
  Json errors = Json::object();
  for (const auto& [key, error] : report.errors) {
    errors[key] = {{"name", error.name},
                   {"method", error.method},
                   {"error", error.error},
                   {"occurrences", error.occurrences},
                   {"first_seen", json(error.first_seen)},
                   {"last_seen", json(error.last_seen)}};
  }
  return {{"stats", stats}, {"stats_total", json(report.stats_total)}, {"errors", errors}};
}

// The place of a percentile in the arrays of a row.
std::size_t report_index(double percentile) {
  const auto* const at =
      std::find(kPercentilesToReport.begin(), kPercentilesToReport.end(), percentile);
  return static_cast<std::size_t>(at - kPercentilesToReport.begin());
}

// stats.py StatsEntry.to_dict.
Json to_dict(const StatsRow& row) {
  const auto percentile = [&](double p) { return json(row.percentiles[report_index(p)]); };
  return {{"method", row.method},
          {"name", row.name},
          {"num_requests", row.num_requests},
          {"num_failures", row.num_failures},
          {"min_response_time", proper_round(row.min_response_time)},
          {"max_response_time", proper_round(row.max_response_time)},
          {"current_rps", row.current_rps},
          {"current_fail_per_sec", row.current_fail_per_sec},
          {"avg_response_time", row.avg_response_time},
          {"median_response_time", json(row.median_response_time)},
          {"total_rps", row.total_rps},
          {"total_fail_per_sec", row.total_fail_per_sec},
          {"response_time_percentile_0.95", percentile(0.95)},
          {"response_time_percentile_0.99", percentile(0.99)},
          {"avg_content_length", json(row.avg_content_length)}};
}

Json json(const StatsRow& row) {
  Json percentiles = Json::array();
  for (const Number& percentile : row.percentiles) percentiles.push_back(json(percentile));
  Json current = Json::array();  // of PERCENTILES_TO_CHART
  for (const double percentile : {0.5, 0.95}) {
    current.push_back(json(row.current_percentiles[report_index(percentile)]));
  }
  return {{"to_dict", to_dict(row)}, {"percentiles", percentiles}, {"current", current}};
}

Json json(const StatsSummary& stats) {
  Json entries = Json::array();
  for (const StatsRow& row : stats.entries) entries.push_back(json(row));
  entries.push_back(json(stats.total));
  return {{"entries", entries},
          {"fail_ratio", stats.total.fail_ratio},
          {"requests_csv", requests_csv(stats)},
          {"failures_csv", failures_csv(stats)},
          {"console", stats_table(stats, true, kNameWidth)},
          {"console_final", stats_table(stats, false, kNameWidth)},
          {"console_percentiles", percentile_table(stats, kNameWidth)},
          {"console_errors", error_table(stats, kNameWidth)}};
}

bool is_timestamp(std::string_view key) {
  constexpr std::array<std::string_view, 4> kTimestamps = {"start_time", "last_request_timestamp",
                                                           "first_seen", "last_seen"};
  return std::find(kTimestamps.begin(), kTimestamps.end(), key) != kTimestamps.end();
}

bool equal_numbers(const Json& expected, const Json& actual, bool exact) {
  const Number a = number(expected);
  const Number b = number(actual);
  if (a == b) return true;
  if (exact || (!a.is_float() && !b.is_float())) return false;
  const double scale = std::max(std::abs(a.as_double()), std::abs(b.as_double()));
  return std::abs(a.as_double() - b.as_double()) <= 1e-9 * scale;
}

// A line of a table is stock's, but for characters that steer a terminal: ours escapes them, so that
// fewer blanks pad the cell.
bool is_escaped_line(const std::string& expected, const std::string& actual) {
  const auto without_blanks = [](std::string text) {
    std::erase(text, ' ');
    return text;
  };
  const std::string shown = printable(expected);
  return shown != expected && without_blanks(shown) == without_blanks(actual);
}

// Compares one case's values and words the differences.
class Comparison {
 public:
  Comparison(std::size_t line, ReplayOutcome& outcome) : line_(line), outcome_(outcome) {}

  void at_event(std::size_t event) { event_ = "event " + std::to_string(event) + ": "; }
  bool differs() const { return differs_; }

  // `path` names the value; objects must have the same keys, arrays the same length.
  void compare(const std::string& path, const Json& expected, const Json& actual,
               bool exact = false) {
    if (expected.is_object() && actual.is_object()) {
      for (const auto& [key, value] : expected.items()) {
        const auto at = actual.find(key);
        if (at == actual.end()) {
          difference(path + "." + key + ": not known to the product");
        } else {
          compare(path + "." + key, value, *at, is_timestamp(key));
        }
      }
      for (const auto& [key, value] : actual.items()) {
        if (!expected.contains(key)) difference(path + "." + key + ": not in the file");
      }
    } else if (expected.is_array() && actual.is_array()) {
      const std::size_t both = std::min(expected.size(), actual.size());
      for (std::size_t i = 0; i < both; ++i) {
        compare(path + "[" + std::to_string(i) + "]", expected[i], actual[i], exact);
      }
      if (expected.size() != actual.size()) {
        difference(path + ": expected " + std::to_string(expected.size()) + " elements, got " +
                   std::to_string(actual.size()));
      }
    } else {
      const bool numbers = expected.is_number() && actual.is_number();
      const bool is_line =
          path.find(".console") != std::string::npos && expected.is_string() && actual.is_string();
      const bool equal = numbers
                             ? equal_numbers(expected, actual, exact)
                             : expected == actual || (is_line && is_escaped_line(expected, actual));
      if (!equal) difference(path + ": expected " + expected.dump() + ", got " + actual.dump());
    }
  }

  void difference(const std::string& what) {
    differs_ = true;
    if (outcome_.differences.size() == kMaxDifferences) return;
    outcome_.differences.push_back("line " + std::to_string(line_) + ", " + event_ + what);
  }

 private:
  std::size_t line_;
  ReplayOutcome& outcome_;
  std::string event_;
  bool differs_ = false;
};

void require_keys(const Json& object, const std::set<std::string>& known, Comparison& comparison) {
  if (!object.is_object()) throw BadCase{"not an object: " + object.dump()};
  for (const auto& [key, value] : object.items()) {
    if (!known.contains(key)) comparison.difference("unknown key " + key);
  }
  for (const std::string& key : known) field(object, key.c_str());
}

void replay_bucket(const Json& line, Comparison& comparison) {
  require_keys(line, {"kind", "rows"}, comparison);
  for (const Json& row : field(line, "rows")) {
    if (!row.is_array() || row.size() != 2) throw BadCase{"not a pair: " + row.dump()};
    comparison.compare("bucket of " + row[0].dump(), row[1],
                       json(bucket_response_time(number(row[0]))), true);
  }
}

// Some workers and their master, as one line of the file describes them.
class Run {
 public:
  Run(const Json& line, Comparison& comparison)
      : comparison_(comparison), master_(number(field(line, "start")).as_double()) {
    require_keys(line, {"kind", "start", "workers", "events"}, comparison);
    const double start = number(line["start"]).as_double();
    const std::int64_t workers = number(line["workers"]).to_int();
    for (std::int64_t i = 0; i < workers; ++i) workers_.emplace_back(start, StatsRole::kWorker);
  }

  void replay(const Json& events) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      comparison_.at_event(i);
      replay_event(events[i]);
    }
  }

 private:
  void replay_event(const Json& event) {
    if (!event.is_object() || event.size() != 1) throw BadCase{"not an event: " + event.dump()};
    const std::string kind = event.begin().key();
    const Json& value = event.begin().value();
    if (kind == "log") return log(value);
    if (kind == "report") return report(value);
    if (kind == "merged_at") return merge(number(value).as_double());
    if (kind == "check") return check(value);
    throw BadCase{"unknown event " + kind};
  }

  RequestStats& worker(const Json& event) {
    const std::int64_t i = number(field(event, "worker")).to_int();
    if (i < 0 || static_cast<std::size_t>(i) >= workers_.size()) throw BadCase{"no such worker"};
    return workers_[static_cast<std::size_t>(i)];
  }

  void log(const Json& event) {
    require_keys(event, {"now", "worker", "method", "name", "response_time", "length", "error"},
                 comparison_);
    const double now = number(event["now"]).as_double();
    const std::string method = text(event["method"]);
    const std::string name = text(event["name"]);
    const Json& response_time = event["response_time"];
    std::optional<Number> time;
    if (!response_time.is_null()) time = number(response_time);
    worker(event).log_request(now, method, name, time, number(event["length"]).to_int());
    const Json& error = event["error"];
    if (!error.is_null()) worker(event).log_error(now, method, name, text(error));
  }

  void report(Json event) {
    report_ = worker(event).get_stripped_report(number(field(event, "now")).as_double());
    event.erase("now");
    event.erase("worker");
    comparison_.compare("report", event, json(*report_));
  }

  void merge(double now) {
    if (!report_) throw BadCase{"merged_at without a report"};
    master_.extend(*report_, now);
    report_.reset();
  }

  void check(Json event) {
    const double now = number(field(event, "now")).as_double();
    event.erase("now");
    comparison_.compare("check", event, json(summarize(master_, now)));
  }

  Comparison& comparison_;
  std::deque<RequestStats> workers_;
  RequestStats master_;
  std::optional<StatsReport> report_;
};

void replay_line(const Json& line, Comparison& comparison) {
  if (line.is_discarded()) throw BadCase{"not JSON"};
  const std::string kind = text(field(line, "kind"));
  if (kind == "bucket") {
    replay_bucket(line, comparison);
  } else if (kind == "run") {
    Run(line, comparison).replay(field(line, "events"));
  } else {
    throw BadCase{"unknown kind " + kind};
  }
}

}  // namespace

ReplayOutcome replay_stats(std::istream& input) {
  ReplayOutcome outcome;
  std::string line;
  for (std::size_t number = 1; std::getline(input, line); ++number) {
    if (line.empty()) continue;
    ++outcome.cases;
    Comparison comparison(number, outcome);
    try {
      replay_line(Json::parse(line, nullptr, false), comparison);
    } catch (const BadCase& bad) {
      comparison.difference(bad.message);
    }
    if (comparison.differs()) ++outcome.mismatches;
  }
  return outcome;
}

}  // namespace locust
