#include "proto/stats_wire.h"

#include <algorithm>
#include <tuple>

#include "proto/extension_wire.h"
#include "proto/fields.h"
#include "proto/histogram_wire.h"

namespace locust::proto {
namespace {

// A {number: count} map in ascending order of keys, so that filling a sorted container is cheap,
// whatever the peer's order. Of equal keys (4000 and 4000.0 are equal) the last one wins.
template <typename Key>
using Counts = std::vector<std::pair<Key, std::int64_t>>;

template <typename Key, typename ReadKey>
Counts<Key> counts(FieldReader& in, std::string_view key, ReadKey read_key) {
  Counts<Key> counts;
  const std::optional<Value::Map> map = in.optional_map(key);
  if (!map) return counts;
  counts.reserve(map->size());
  for (const auto& [entry_key, entry_value] : *map) {
    const auto number = read_key(entry_key);
    const auto n = count(entry_value);
    if (!number) in.fail(bad_number("a key of " + std::string(key), entry_key, "a number"));
    if (!n) in.fail(bad_number("a value of " + std::string(key), entry_value, "a count"));
    if (!in.ok()) return {};
    counts.emplace_back(*number, *n);
  }
  const auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::ranges::is_sorted(counts, by_key)) std::ranges::stable_sort(counts, by_key);
  const auto last_of_equal = std::unique(counts.rbegin(), counts.rend(),
                                         [](auto& a, auto& b) { return a.first == b.first; });
  counts.erase(counts.begin(), last_of_equal.base());
  return counts;
}

SecondCounts second_counts(FieldReader& in, std::string_view key) {
  SecondCounts seconds;
  for (const auto& [second, n] : counts<std::int64_t>(in, key, count)) seconds.add(second, n);
  return seconds;
}

// `bytes_left` is the remaining memory for the histograms of this message.
void decode_precise(FieldReader& entry, PreciseTimes& precise, std::size_t& bytes_left) {
  auto extension = entry.optional_map(kExtensionKey);
  if (!extension) return;
  FieldReader in(*extension);
  for (const PreciseField& field : kPreciseFields) {
    const Value* value = in.optional_value(field.key);
    if (value == nullptr) continue;
    const auto* bin = value->get_if<Value::Bin>();
    if (bin == nullptr) return entry.fail(not_a(field.key, *value, "a histogram"));
    auto histogram = unpack_histogram(bin->bytes);
    if (!histogram) return entry.fail(Error{std::string(field.key) + ": " + histogram.error()});
    if (histogram->memory() > bytes_left) return entry.fail(Error{"the histograms are too large"});
    bytes_left -= histogram->memory();
    precise.*field.histogram = std::move(*histogram);
  }
}

void encode_precise(Packer& out, const PreciseTimes& precise) {
  std::size_t fields = 0;
  for (const PreciseField& field : kPreciseFields) {
    if (!(precise.*field.histogram).empty()) ++fields;
  }
  out.str(kExtensionKey);
  out.map(fields);
  for (const PreciseField& field : kPreciseFields) {
    const Histogram& histogram = precise.*field.histogram;
    if (histogram.empty()) continue;
    out.str(field.key);
    out.bin(pack_histogram(histogram));
  }
}

Result<StatsEntry> decode_entry(Value& data, std::size_t& histogram_bytes_left) {
  Value::Map* map = data.get_if<Value::Map>();
  if (map == nullptr) return not_a("it", data, "a map");
  FieldReader in(*map);
  std::string name = in.str("name");
  StatsEntry entry(std::move(name), in.str_or_nil("method"), kUnknownStartTime);
  entry.last_request_timestamp = in.optional_number("last_request_timestamp");
  entry.start_time = in.optional_number("start_time").value_or(kUnknownStartTime);
  entry.num_requests = in.optional_integer("num_requests").value_or(0);
  entry.num_none_requests = in.optional_integer("num_none_requests").value_or(0);
  entry.num_failures = in.optional_integer("num_failures").value_or(0);
  entry.total_response_time = in.optional_exact_number("total_response_time").value_or(Number());
  entry.max_response_time = in.optional_exact_number("max_response_time").value_or(Number());
  entry.min_response_time = in.optional_exact_number("min_response_time");
  entry.total_content_length = in.optional_integer("total_content_length").value_or(0);
  for (const auto& [time, n] : counts<Number>(in, "response_times", finite_number)) {
    entry.response_times.add(time, n);
  }
  entry.num_reqs_per_sec = second_counts(in, "num_reqs_per_sec");
  entry.num_fail_per_sec = second_counts(in, "num_fail_per_sec");
  decode_precise(in, entry.precise, histogram_bytes_left);
  if (!in.ok()) return in.error();
  return entry;
}

// Native workers send no more than this; the rest of the report is valid anyway.
constexpr std::size_t kMaxExchangeBytes = 64 << 10;

std::shared_ptr<const FailedExchange> decode_exchange(FieldReader& error) {
  auto extension = error.optional_map(kExtensionKey);
  if (!extension) return nullptr;
  FieldReader in(*extension);
  auto map = in.optional_map("exchange");
  if (!map) return nullptr;
  FieldReader fields(*map);
  FailedExchange exchange;
  exchange.request = fields.str("request");
  exchange.response = fields.str("response");
  exchange.body = fields.str("body");
  std::size_t bytes = exchange.request.size() + exchange.response.size() + exchange.body.size();
  for (Value& value : fields.array("values")) {
    const std::string* text = value.str();
    if (text == nullptr) fields.fail(not_a("a value", value, "a str"));
    if (!fields.ok()) break;
    bytes += text->size();
    exchange.values.push_back(*text);
  }
  if (!fields.ok()) error.fail(Error{"exchange: " + fields.error().message});
  if (bytes > kMaxExchangeBytes) return nullptr;
  return std::make_shared<const FailedExchange>(std::move(exchange));
}

void encode_exchange(Packer& out, const FailedExchange& exchange) {
  out.str(kExtensionKey);
  out.map(1);
  out.str("exchange");
  out.map(4);
  out.str("request");
  out.str(exchange.request);
  out.str("response");
  out.str(exchange.response);
  out.str("body");
  out.str(exchange.body);
  out.str("values");
  out.array(exchange.values.size());
  for (const std::string& value : exchange.values) out.str(value);
}

Result<StatsError> decode_error(Value& data) {
  Value::Map* map = data.get_if<Value::Map>();
  if (map == nullptr) return not_a("it", data, "a map");
  FieldReader in(*map);
  StatsError error;
  error.name = in.str("name");
  error.method = in.str_or_nil("method").value_or("");
  error.error = in.str("error");
  error.occurrences = in.integer("occurrences");
  error.first_seen = in.optional_number("first_seen");
  error.last_seen = in.optional_number("last_seen");
  error.exchange = decode_exchange(in);
  if (!in.ok()) return in.error();
  return error;
}

void encode_timestamp(Packer& out, const std::optional<double>& timestamp) {
  if (timestamp) {
    out.float64(*timestamp);
  } else {
    out.nil();
  }
}

void encode_seconds(Packer& out, std::string_view key, const SecondCounts& counts) {
  out.str(key);
  out.map(counts.seconds().size());
  for (const auto& [second, n] : counts.seconds()) {
    out.integer(second);
    out.integer(n);
  }
}

void encode_entry(Packer& out, const StatsEntry& entry) {
  const bool started = entry.start_time != kUnknownStartTime;
  const bool is_precise = !entry.precise.response_time.empty();
  out.map((started ? 14U : 13U) + (is_precise ? 1U : 0U));
  out.str("name");
  out.str(entry.name);
  out.str("method");
  entry.method ? out.str(*entry.method) : out.nil();
  out.str("last_request_timestamp");
  encode_timestamp(out, entry.last_request_timestamp);
  if (started) {
    out.str("start_time");
    out.float64(entry.start_time);
  }
  out.str("num_requests");
  out.integer(entry.num_requests);
  out.str("num_none_requests");
  out.integer(entry.num_none_requests);
  out.str("num_failures");
  out.integer(entry.num_failures);
  out.str("total_response_time");
  out.number(entry.total_response_time);
  out.str("max_response_time");
  out.number(entry.max_response_time);
  out.str("min_response_time");
  entry.min_response_time ? out.number(*entry.min_response_time) : out.nil();
  out.str("total_content_length");
  out.integer(entry.total_content_length);
  out.str("response_times");
  out.map(entry.response_times.size());
  for (std::size_t i = 0; i < entry.response_times.size(); ++i) {
    const ResponseTimes::Bucket bucket = entry.response_times[i];
    out.number(bucket.response_time);
    out.integer(bucket.count);
  }
  encode_seconds(out, "num_reqs_per_sec", entry.num_reqs_per_sec);
  encode_seconds(out, "num_fail_per_sec", entry.num_fail_per_sec);
  if (is_precise) encode_precise(out, entry.precise);
}

void encode_error(Packer& out, const StatsError& error) {
  const bool seen = error.first_seen || error.last_seen;  // neither before 2.44.0
  out.map((seen ? 6U : 4U) + (error.exchange ? 1U : 0U));
  out.str("name");
  out.str(error.name);
  out.str("method");
  out.str(error.method);
  out.str("error");
  out.str(error.error);
  out.str("occurrences");
  out.integer(error.occurrences);
  if (seen) {
    out.str("first_seen");
    encode_timestamp(out, error.first_seen);
    out.str("last_seen");
    encode_timestamp(out, error.last_seen);
  }
  if (error.exchange) encode_exchange(out, *error.exchange);
}

}  // namespace

Result<Stats> decode_stats(Value& data) {
  Value::Map* map = data.get_if<Value::Map>();
  if (map == nullptr) return not_a("data", data, "a map");
  FieldReader in(*map);
  Value::Array entries = in.array("stats");
  Value* total_data = in.optional_value("stats_total");
  Value::Map errors = in.map("errors");
  UserCounts user_classes_count = in.user_classes_count("user_classes_count");
  const std::int64_t user_count = in.optional_integer("user_count").value_or(0);
  Value* extension_data = in.optional_value(kExtensionKey);
  if (total_data == nullptr) in.fail(Error{"stats_total is missing"});
  if (entries.size() > kMaxReportEntries) in.fail(Error{"stats has too many entries"});
  if (!in.ok()) return in.error();

  std::size_t histogram_bytes_left = kMaxHistogramBytes;
  auto total = decode_entry(*total_data, histogram_bytes_left);
  if (!total) return Error{"stats_total: " + total.error()};
  Stats stats{StatsReport{{}, std::move(*total), {}},
              std::move(user_classes_count),
              user_count,
              std::nullopt,
              {}};
  stats.report.stats.reserve(entries.size());
  for (Value& value : entries) {
    auto entry = decode_entry(value, histogram_bytes_left);
    if (!entry) return Error{"an entry of stats: " + entry.error()};
    stats.report.stats.push_back(std::move(*entry));
  }
  auto named = named_values(errors, "errors");
  if (!named) return Error{named.error()};
  for (auto& [key, value] : *named) {
    auto error = decode_error(*value);
    if (!error) return Error{"an entry of errors: " + error.error()};
    stats.report.errors.emplace_back(std::move(key), std::move(*error));
  }
  if (extension_data != nullptr) {
    auto extension = decode_stats_extension(*extension_data);
    if (!extension) return Error{"locust_cpp: " + extension.error()};
    stats.extension = std::move(*extension);
  }
  stats.extra = in.rest();
  return stats;
}

void encode_stats(Packer& out, const Stats& stats) {
  out.map(5 + (stats.extension ? 1 : 0) + stats.extra.size());
  out.str("stats");
  out.array(stats.report.stats.size());
  for (const StatsEntry& entry : stats.report.stats) encode_entry(out, entry);
  out.str("stats_total");
  encode_entry(out, stats.report.stats_total);
  out.str("errors");
  out.map(stats.report.errors.size());
  for (const auto& [key, error] : stats.report.errors) {
    out.str(key);
    encode_error(out, error);
  }
  out.str("user_classes_count");
  out.map(stats.user_classes_count.size());
  for (const auto& [name, n] : stats.user_classes_count) {
    out.str(name);
    out.integer(n);
  }
  out.str("user_count");
  out.integer(stats.user_count);
  if (stats.extension) {
    encode_extension(out, *stats.extension);
  }
  out.entries(stats.extra);
}

}  // namespace locust::proto
