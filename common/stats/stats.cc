#include "common/stats/stats.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "common/base/utf8.h"

namespace locust {
namespace {

bool is_finite(const Number& number) {
  return !number.is_float() || std::isfinite(number.as_double());
}

// The mean of the counts of the ten seconds before the second last one before the run's last
// request; fewer at the start of a run.
double current_rate(const SecondCounts& counts, const StatsEntry& total) {
  if (!total.last_request_timestamp) return 0;
  const std::int64_t last = to_second(*total.last_request_timestamp);
  const std::int64_t begin = std::max(last - 12, to_second(total.start_time));
  const std::int64_t end = last - 2;
  double sum = 0;
  for (std::int64_t second = begin; second < end; ++second) {
    sum += static_cast<double>(counts.count(second));
  }
  return sum / static_cast<double>(std::max<std::int64_t>(end - begin, 1));
}

double total_rate(std::int64_t count, const StatsEntry& total) {
  const double last = total.last_request_timestamp.value_or(0);
  if (last == 0 || total.start_time == 0 || last == total.start_time) return 0;
  return static_cast<double>(count) / (last - total.start_time);
}

template <typename Choose>
void merge_time(std::optional<double>& mine, const std::optional<double>& other, Choose choose) {
  if (other) mine = mine ? choose(*mine, *other) : *other;
}

// With this many kinds of failures, the exchanges of further ones are not needed.
constexpr std::size_t kMaxExchanges = 1000;
// The limit for the texts of all errors, which tables, pages and files copy.
constexpr std::size_t kMaxErrorTexts = std::size_t{8} << 20;
// The weight of a byte of a name in the limit of memory: it is copied and escaped for each of them.
constexpr std::size_t kCopiesOfName = 128;

std::size_t size_of_texts(const std::string& key, const StatsError& error) {
  return key.size() + error.name.size() + error.method.size() + error.error.size();
}

// Whether there is room for this many bytes of texts in addition to those of `errors`. Counts them
// only if the limit may be reached.
bool fits(const std::vector<std::pair<std::string, StatsError>>& errors, std::size_t bytes) {
  constexpr std::size_t kTexts = 4;
  if ((errors.size() + 1) * kTexts * RequestStats::kMaxTextBytes <= kMaxErrorTexts) return true;
  for (const auto& [key, error] : errors) bytes += size_of_texts(key, error);
  return bytes <= kMaxErrorTexts;
}

double earlier(double a, double b) { return b < a ? b : a; }
double later(double a, double b) { return b > a ? b : a; }

std::string_view view(const std::optional<std::string>& text) {
  return text ? std::string_view(*text) : std::string_view();
}

}  // namespace

void PreciseTimes::add(const Number& response_time_ms, const RequestPhases& phases) {
  response_time.add(seconds(std::clamp(response_time_ms.as_double() / 1000, 0.0, 3600.0)));
  if (phases.dns) dns.add(*phases.dns);
  if (phases.connect) connect.add(*phases.connect);
  if (phases.tls) tls.add(*phases.tls);
  if (phases.first_byte) first_byte.add(*phases.first_byte);
}

void PreciseTimes::merge(const PreciseTimes& other) {
  response_time.merge(other.response_time);
  dns.merge(other.dns);
  connect.merge(other.connect);
  tls.merge(other.tls);
  first_byte.merge(other.first_byte);
}

std::size_t PreciseTimes::memory() const {
  return response_time.memory() + dns.memory() + connect.memory() + tls.memory() +
         first_byte.memory();
}

void PreciseTimes::clear() {
  for (Histogram* histogram : {&response_time, &dns, &connect, &tls, &first_byte}) {
    histogram->clear();
  }
}

StatsEntry::StatsEntry(std::string entry_name, std::optional<std::string> entry_method, double now,
                       bool use_cache)
    : name(std::move(entry_name)),
      method(std::move(entry_method)),
      use_response_times_cache(use_cache) {
  reset(now);
}

void StatsEntry::reset(double now) {
  last_request_timestamp.reset();
  start_time = now;
  num_requests = 0;
  num_none_requests = 0;
  num_failures = 0;
  total_response_time = 0;
  max_response_time = 0;
  min_response_time.reset();
  total_content_length = 0;
  response_times.clear();
  num_reqs_per_sec.clear();
  num_fail_per_sec.clear();
  precise.clear();
  response_times_cache.clear();
  if (use_response_times_cache) cache_response_times(to_second(now));
}

void StatsEntry::log(double now, const std::optional<Number>& response_time_ms,
                     std::int64_t content_length) {
  const std::int64_t second = to_second(now);
  const double last = last_request_timestamp.value_or(0);
  if (use_response_times_cache && last != 0 && second > to_second(last)) {
    cache_response_times(second - 1);
  }
  ++num_requests;
  num_reqs_per_sec.add(second);
  last_request_timestamp = now;
  total_content_length = saturating_add(total_content_length, content_length);
  if (!response_time_ms || !is_finite(*response_time_ms)) {
    ++num_none_requests;
    return;
  }
  const Number& time = *response_time_ms;
  total_response_time += time;
  if (!min_response_time || time < *min_response_time) min_response_time = time;
  if (time > max_response_time) max_response_time = time;
  response_times.add(bucket_response_time(time));
}

void StatsEntry::log_error(double now) {
  ++num_failures;
  num_fail_per_sec.add(to_second(now));
}

void StatsEntry::extend(const StatsEntry& other, bool may_grow) {
  const double old_last = last_request_timestamp.value_or(0);
  merge_time(last_request_timestamp, other.last_request_timestamp, later);
  start_time = earlier(start_time, other.start_time);
  num_requests = saturating_add(num_requests, other.num_requests);
  num_none_requests = saturating_add(num_none_requests, other.num_none_requests);
  num_failures = saturating_add(num_failures, other.num_failures);
  total_response_time += other.total_response_time;
  if (other.max_response_time > max_response_time) max_response_time = other.max_response_time;
  if (other.min_response_time &&
      (!min_response_time || *other.min_response_time < *min_response_time)) {
    min_response_time = other.min_response_time;
  }
  total_content_length = saturating_add(total_content_length, other.total_content_length);
  response_times.merge(other.response_times, may_grow);
  num_reqs_per_sec.merge(other.num_reqs_per_sec, may_grow);
  num_fail_per_sec.merge(other.num_fail_per_sec, may_grow);
  if (may_grow) precise.merge(other.precise);

  if (!use_response_times_cache) return;
  // The copy is taken when a new second begins, after this report and before those of the other
  // workers for the same time: the window lags by a second or two, as in stock.
  const std::int64_t last = to_second(last_request_timestamp.value_or(0));
  if (last != 0 && last > to_second(old_last)) cache_response_times(last);
}

std::size_t StatsEntry::memory() const {
  const std::size_t copies = use_response_times_cache ? ResponseTimesCache::kMaxCopies : 0;
  const std::size_t precise_copy = caches_precise_times ? precise.response_time.memory() : 0;
  const std::size_t text = name.size() + (method ? method->size() : 0);
  return sizeof *this + kCopiesOfName * text + response_times.memory() +
         copies * (response_times.size() * sizeof(std::int64_t) + precise_copy) +
         num_reqs_per_sec.memory() + num_fail_per_sec.memory() + precise.memory();
}

std::int64_t StatsEntry::num_timed_requests() const {
  return saturating_sub(num_requests, num_none_requests);
}

double StatsEntry::fail_ratio() const {
  if (num_requests == 0) return num_failures > 0 ? 1 : 0;
  return static_cast<double>(num_failures) / static_cast<double>(num_requests);
}

double StatsEntry::avg_response_time() const {
  const std::int64_t timed = num_timed_requests();
  return timed == 0 ? 0 : total_response_time.as_double() / static_cast<double>(timed);
}

Number StatsEntry::median_response_time() const {
  if (response_times.empty()) return 0;
  Number median = get_response_time_percentile(0.5);
  if (!median) median = 0;  // 0.0 becomes the integer
  // The exact extremes limit the value from the buckets, which have two digits.
  if (median > max_response_time) return max_response_time;
  if (min_response_time && median < *min_response_time) return *min_response_time;
  return median;
}

Number StatsEntry::avg_content_length() const {
  if (num_requests == 0) return 0;
  return static_cast<double>(total_content_length) / static_cast<double>(num_requests);
}

Number StatsEntry::get_response_time_percentile(double percent) const {
  return response_times.percentile(num_timed_requests(), percent);
}

std::optional<Number> StatsEntry::get_current_response_time_percentile(double percent,
                                                                       double now) const {
  const auto* old = response_times_cache.about_ten_seconds_before(to_second(now));
  if (old == nullptr) return std::nullopt;
  const std::int64_t requests = saturating_sub(num_timed_requests(), old->num_timed_requests);
  return response_times.percentile_since(old->counts, requests, percent);
}

double StatsEntry::best_response_time_percentile(double percent) const {
  const std::optional<Duration> precise_time = precise.response_time.percentile(percent);
  if (!precise_time || !is_precise()) return get_response_time_percentile(percent).as_double();
  return within_extremes(to_ms(*precise_time));
}

std::optional<double> StatsEntry::best_current_response_time_percentile(double percent,
                                                                        double now) const {
  const auto* old = response_times_cache.about_ten_seconds_before(to_second(now));
  if (old == nullptr || num_timed_requests() <= old->num_timed_requests) return std::nullopt;
  if (!caches_precise_times || !is_precise()) {
    const std::int64_t requests = num_timed_requests() - old->num_timed_requests;
    return response_times.percentile_since(old->counts, requests, percent).as_double();
  }
  const auto time = precise.response_time.percentile_since(old->precise, percent);
  if (!time) return std::nullopt;
  return within_extremes(to_ms(*time));
}

Number StatsEntry::best_median_response_time() const {
  if (precise.response_time.empty() || !is_precise()) return median_response_time();
  return best_response_time_percentile(0.5);
}

// Limits a value from the histogram's buckets by the exact extremes.
double StatsEntry::within_extremes(double ms) const {
  const double least = min_response_time ? min_response_time->as_double() : ms;
  return std::clamp(ms, least, std::max(least, max_response_time.as_double()));
}

double StatsEntry::current_rps(const StatsEntry& total) const {
  return current_rate(num_reqs_per_sec, total);
}

double StatsEntry::current_fail_per_sec(const StatsEntry& total) const {
  return current_rate(num_fail_per_sec, total);
}

double StatsEntry::total_rps(const StatsEntry& total) const {
  return total_rate(num_requests, total);
}

double StatsEntry::total_fail_per_sec(const StatsEntry& total) const {
  return total_rate(num_failures, total);
}

void StatsEntry::cache_response_times(std::int64_t second) {
  response_times_cache.store(second, response_times, num_timed_requests(),
                             caches_precise_times ? precise.response_time : Histogram());
}

RequestStats::RequestStats(double now, StatsRole role, std::size_t max_memory)
    : use_response_times_cache_(role == StatsRole::kMaster),
      max_memory_(max_memory),
      total_("Aggregated", "", now, use_response_times_cache_) {
  total_.caches_precise_times = use_response_times_cache_;
}

void RequestStats::log_request(double now, std::string_view method, std::string_view name,
                               const std::optional<Number>& response_time_ms,
                               std::int64_t content_length, const RequestPhases& phases) {
  StatsEntry& own = entry(name, method, now);
  total_.log(now, response_time_ms, content_length);
  own.log(now, response_time_ms, content_length);
  if (!record_precisely_ || !response_time_ms || !is_finite(*response_time_ms)) return;
  total_.precise.add(*response_time_ms, phases);
  own.precise.add(*response_time_ms, phases);
}

std::shared_ptr<const FailedExchange>* RequestStats::log_error(double now, std::string_view method,
                                                               std::string_view name,
                                                               std::string_view error) {
  total_.log_error(now);
  return count_error(now, method, name, error);
}

void RequestStats::log_transaction(double now, std::string_view name,
                                   const Number& response_time_ms, std::string_view failure) {
  StatsEntry& own = entry(name, kTransactionMethod, now);
  own.log(now, response_time_ms, 0);
  if (record_precisely_ && is_finite(response_time_ms)) own.precise.add(response_time_ms, {});
  if (!failure.empty()) count_error(now, kTransactionMethod, name, failure);
}

std::shared_ptr<const FailedExchange>* RequestStats::count_error(double now,
                                                                 std::string_view method,
                                                                 std::string_view name,
                                                                 std::string_view error) {
  entry(name, method, now).log_error(now);
  std::string parsed = StatsError::parse_error(error);
  std::string key = StatsError::create_key(method, name, parsed);
  StatsError* known = find_error(key);
  bool is_first = false;
  if (known == nullptr) {
    is_first = seen_errors_.size() < kMaxExchanges && seen_errors_.insert(key).second;
    known = &add_error(std::move(key), {std::string(name), std::string(method), std::move(parsed),
                                        0, std::nullopt, std::nullopt, nullptr});
  }
  ++known->occurrences;
  if (!known->first_seen) known->first_seen = now;
  known->last_seen = now;
  return is_first ? &known->exchange : nullptr;
}

void RequestStats::reset_all(double now) {
  total_.reset(now);
  memory_ = 0;
  for (StatsEntry& e : entries_) {
    e.reset(now);
    memory_ += e.memory();
  }
  seen_errors_.clear();
  take_errors();
}

void RequestStats::clear_all(double now) {
  total_.reset(now);
  index_.clear();
  entries_.clear();
  memory_ = 0;
  seen_errors_.clear();
  take_errors();
}

StatsReport RequestStats::get_stripped_report(double now) {
  StatsReport report{{}, total_, take_errors()};
  total_.reset(now);
  for (StatsEntry& e : entries_) {
    if (e.num_requests == 0 && e.num_failures == 0) continue;
    report.stats.push_back(e);
    e.reset(now);
  }
  return report;
}

void RequestStats::extend(const StatsReport& report, double now) {
  for (const StatsEntry& other : report.stats) {
    StatsEntry& mine = entry(other.name, view(other.method), now);
    const std::size_t before = mine.memory();
    mine.extend(other, !is_full());
    memory_ += std::max(mine.memory(), before) - before;
  }
  for (const auto& [key, error] : report.errors) {
    StatsError* known = find_error(key);
    if (known == nullptr) {
      StatsError& added = add_error(key, error);
      added.exchange = nullptr;
      keep_exchange(added, error.exchange);
      continue;
    }
    known->occurrences = saturating_add(known->occurrences, error.occurrences);
    keep_exchange(*known, error.exchange);
    // A time of 0 counts as none here, as in stock.
    if (error.first_seen.value_or(0) != 0) merge_time(known->first_seen, error.first_seen, earlier);
    if (error.last_seen.value_or(0) != 0) merge_time(known->last_seen, error.last_seen, later);
  }
  total_.extend(report.stats_total);
}

std::vector<const StatsEntry*> RequestStats::sorted_entries() const {
  std::vector<const StatsEntry*> sorted;
  sorted.reserve(entries_.size());
  for (const StatsEntry& e : entries_) sorted.push_back(&e);
  // Bytes of UTF-8 sort as their code points do.
  std::sort(sorted.begin(), sorted.end(), [](const StatsEntry* a, const StatsEntry* b) {
    return std::tie(a->name, a->method) < std::tie(b->name, b->method);
  });
  return sorted;
}

const StatsEntry* RequestStats::find(std::string_view name, std::string_view method) const {
  const auto at = index_.find({name, method});
  return at == index_.end() ? nullptr : at->second;
}

std::size_t RequestStats::EntryKeyHash::operator()(const EntryKey& key) const {
  const std::hash<std::string_view> hash;
  return hash(key.name) * 31 + hash(key.method);
}

StatsEntry& RequestStats::entry(std::string_view name, std::string_view method, double now) {
  name = cut_utf8(name, kMaxTextBytes);
  method = cut_utf8(method, kMaxTextBytes);
  if (const auto at = index_.find({name, method}); at != index_.end()) return *at->second;
  if (entries_.size() < kMaxEntries && !is_full()) return create_entry(name, method, now);
  const auto others = index_.find({kOthers, ""});
  return others != index_.end() ? *others->second : create_entry(kOthers, "", now);
}

StatsEntry& RequestStats::create_entry(std::string_view name, std::string_view method, double now) {
  StatsEntry& created =
      entries_.emplace_back(std::string(name), std::string(method), now, use_response_times_cache_);
  index_.emplace(EntryKey{created.name, *created.method}, &created);
  memory_ += created.memory();
  return created;
}

// Returns the entry that counts errors with this key; null if there is none yet.
StatsError* RequestStats::find_error(const std::string& key) {
  if (key.size() > kMaxTextBytes) return find_error(key.substr(0, kMaxTextBytes));
  auto at = error_index_.find(key);
  if (at == error_index_.end()) at = error_index_.find(std::string(kOthers));
  return at == error_index_.end() ? nullptr : &errors_[at->second].second;
}

StatsError& RequestStats::add_error(std::string key, StatsError error) {
  if (key.size() > kMaxTextBytes) key.resize(kMaxTextBytes);
  for (std::string* text : {&error.name, &error.method, &error.error}) {
    text->resize(cut_utf8(*text, kMaxTextBytes).size());
  }
  const bool too_many = errors_.size() >= kMaxErrors;
  if (too_many || !fits(errors_, size_of_texts(key, error))) {
    key = kOthers;
    error.name = kOthers;
    error.method.clear();
    error.error = too_many ? "more than " + std::to_string(kMaxErrors) + " kinds of failures"
                           : "failures whose texts do not fit into " +
                                 std::to_string(kMaxErrorTexts >> 20) + " MiB";
  }
  error_index_.emplace(key, errors_.size());
  return errors_.emplace_back(std::move(key), std::move(error)).second;
}

void RequestStats::keep_exchange(StatsError& error,
                                 const std::shared_ptr<const FailedExchange>& exchange) {
  if (!exchange || error.exchange || exchanges_ == kMaxExchanges) return;
  error.exchange = exchange;
  ++exchanges_;
}

std::vector<std::pair<std::string, StatsError>> RequestStats::take_errors() {
  exchanges_ = 0;
  error_index_.clear();
  return std::exchange(errors_, {});
}

}  // namespace locust
