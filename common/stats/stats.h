// Statistics with Locust's names: a worker counts and reports them, a master merges them. The rules
// are those of stock's stats.py (2.47), cited by its function names.
//
// All times are seconds since the epoch like those of Python's time.time(), passed by the caller.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/number.h"
#include "common/stats/histogram.h"
#include "common/stats/response_times.h"
#include "common/stats/second_counts.h"

namespace locust {

// The phases of one request. Phases that did not happen are not set: a request on an open
// connection does not resolve or connect.
struct RequestPhases {
  std::optional<Duration> dns;         // waiting for the addresses of the host
  std::optional<Duration> connect;     // TCP
  std::optional<Duration> tls;         // the handshake
  std::optional<Duration> first_byte;  // from an open connection to the response's first byte
};

// Exact response times, beyond stock's two digits; exchanged between native processes only.
struct PreciseTimes {
  Histogram response_time;
  Histogram dns;
  Histogram connect;
  Histogram tls;
  Histogram first_byte;

  void add(const Number& response_time_ms, const RequestPhases& phases);
  void merge(const PreciseTimes& other);
  void clear();
  std::size_t memory() const;  // bytes
};

// The statistics of one request name and method, or of all requests. The first fourteen members are
// the entry of a report (docs/protocol.md §5.1).
struct StatsEntry {
  // An entry of zeros that starts now. `use_cache` keeps the copies that
  // get_current_response_time_percentile needs; masters use it, workers do not.
  StatsEntry(std::string entry_name, std::optional<std::string> entry_method, double now,
             bool use_cache = false);

  std::string name;
  std::optional<std::string> method;  // nullopt: nil in the total of workers before 2.46.0
  std::optional<double> last_request_timestamp;
  double start_time = 0;  // created or last reset; on a master the earliest of all reports
  std::int64_t num_requests = 0;
  std::int64_t num_none_requests = 0;  // of them without a response time
  std::int64_t num_failures = 0;
  Number total_response_time;  // milliseconds, as the two below
  Number max_response_time;
  std::optional<Number> min_response_time;
  std::int64_t total_content_length = 0;  // bytes
  ResponseTimes response_times;
  SecondCounts num_reqs_per_sec;
  SecondCounts num_fail_per_sec;
  PreciseTimes precise;  // empty unless RequestStats::record_precisely, or from such a worker

  bool use_response_times_cache = false;
  // Whether the copies of the last seconds include precise.response_time. Only the total's do: a
  // copy takes up to 95 KiB, and views show current percentiles only for all requests together.
  bool caches_precise_times = false;
  ResponseTimesCache response_times_cache;

  // A response time of NaN or infinity counts as none.
  void log(double now, const std::optional<Number>& response_time_ms, std::int64_t content_length);
  void log_error(double now);
  void reset(double now);
  // Adds another entry. If it may not grow, precision degrades where new memory would be needed:
  // response times count in existing buckets, `precise` is no longer filled, and only the latest
  // counts per second are kept.
  void extend(const StatsEntry& other, bool may_grow = true);
  // The memory that it uses or will use, in bytes.
  std::size_t memory() const;

  // The following need only the entry itself.
  std::int64_t num_timed_requests() const;
  double fail_ratio() const;
  double avg_response_time() const;
  Number median_response_time() const;
  Number avg_content_length() const;
  Number get_response_time_percentile(double percent) const;
  // nullopt without cache, or if the cache has nothing from about ten seconds ago.
  std::optional<Number> get_current_response_time_percentile(double percent, double now) const;
  // Whether every response time is in `precise`: no worker took part that sends only buckets.
  bool is_precise() const { return precise.response_time.count() == num_timed_requests(); }
  // In milliseconds: with three digits if is_precise(), else from the buckets.
  double best_response_time_percentile(double percent) const;
  // The same over the last ten seconds, with three digits only if caches_precise_times too. nullopt
  // without cache, if nothing is known from about ten seconds ago, or if no request ended since.
  std::optional<double> best_current_response_time_percentile(double percent, double now) const;
  // median_response_time, with three digits if is_precise().
  Number best_median_response_time() const;

  // Rates are per second of the whole run, i.e. of the total entry. Those named current_… are of
  // the ten seconds that ended two seconds before its last request.
  double current_rps(const StatsEntry& total) const;
  double current_fail_per_sec(const StatsEntry& total) const;
  double total_rps(const StatsEntry& total) const;
  double total_fail_per_sec(const StatsEntry& total) const;

 private:
  void cache_response_times(std::int64_t second);
  double within_extremes(double ms) const;
};

// The first exchange of a kind of failure, as texts for a person. Secrets are masked.
struct FailedExchange {
  std::string request;              // "POST http://…", then the header lines
  std::string response;             // "HTTP 503", then the header lines; empty: no response
  std::string body;                 // the first 4 KiB of the response's
  std::vector<std::string> values;  // of the failed check: "json('/status') = 'closed'"

  // Everything, for a log, with `indent` before each line.
  std::string to_text(std::string_view indent) const;
};

// One kind of failure of one request name: failures with equal texts are counted together.
struct StatsError {
  std::string name;
  std::string method;
  std::string error;  // as normalised by parse_error
  std::int64_t occurrences = 0;
  std::optional<double> first_seen;
  std::optional<double> last_seen;
  // Exchanged between native processes, once per kind of failure and test; otherwise null.
  std::shared_ptr<const FailedExchange> exchange = nullptr;

  // The text with the address of its first "object at 0x7f…>" written as "0x....".
  static std::string parse_error(std::string_view error);
  // The key on the wire: sha256 of "METHOD.NAME." and Python's repr of the normalised text, in hex.
  static std::string create_key(std::string_view method, std::string_view name,
                                std::string_view parsed_error);
  // The console's text: "GET /path: what happened", CatchResponseError unwrapped.
  std::string to_name() const;
};

// The method of a transaction, which consists of several requests.
inline constexpr std::string_view kTransactionMethod = "TX";

// One report of a worker (docs/protocol.md §5) without the user counts, which are not statistics.
struct StatsReport {
  std::vector<StatsEntry> stats;  // in order of creation
  StatsEntry stats_total;
  std::vector<std::pair<std::string, StatsError>> errors;  // key, error; by first occurrence
};

// Whose statistics they are. Only a master keeps the copies that current percentiles need.
enum class StatsRole { kMaster, kWorker };

// All statistics of a process. A worker counts in it and takes reports from it; a master merges
// reports into it. Invariant on a worker: the total is the sum of all entries except transactions;
// a master trusts the reports. Never copied: tables, files, pages and snapshots use a StatsSummary
// computed from it (common/stats/stats_summary.h).
//
// Memory is bounded whatever is logged or reported: request names and kinds of failures beyond the
// limits are counted together in the row kOthers, and texts are truncated. The memory of all rows
// of a master has a common limit: when it is reached, new names count as others too, and existing
// rows lose precision (StatsEntry::extend).
class RequestStats {
 public:
  static constexpr std::size_t kMaxEntries = 10'000;
  static constexpr std::size_t kMaxErrors = 10'000;
  // Enough for this many names at the usual 100 KiB each.
  static constexpr std::size_t kMaxMemory = std::size_t{1} << 30;
  static constexpr std::size_t kMaxTextBytes = std::size_t{8} << 10;
  static constexpr std::string_view kOthers = "(others)";

  explicit RequestStats(double now, StatsRole role = StatsRole::kMaster,
                        std::size_t max_memory = kMaxMemory);
  RequestStats(const RequestStats&) = delete;
  RequestStats& operator=(const RequestStats&) = delete;

  // Whether log_request also fills StatsEntry::precise; false at first.
  void record_precisely(bool on) { record_precisely_ = on; }

  // The worker's hot path: allocates only for a new name, bucket or second.
  void log_request(double now, std::string_view method, std::string_view name,
                   const std::optional<Number>& response_time_ms, std::int64_t content_length,
                   const RequestPhases& phases = {});
  // Counts a failure, which log_request does not. `error` is the text itself or the repr of an
  // exception. For the first failure of its kind since clear_all or reset_all, returns where to
  // store its exchange, valid until the next call; otherwise null.
  std::shared_ptr<const FailedExchange>* log_error(double now, std::string_view method,
                                                   std::string_view name, std::string_view error);

  // Counts a transaction and, unless `failure` is empty, its failure: only in its own entry, so
  // that requests per second count requests only.
  void log_transaction(double now, std::string_view name, const Number& response_time_ms,
                       std::string_view failure);

  // Sets entries to zero, but keeps them. Removes errors; exchanges are collected again.
  void reset_all(double now);
  // Removes everything and invalidates pointers and references to entries.
  void clear_all(double now);

  // Returns what was logged since the last report, without idle entries, and resets it
  // (on_report_to_master). An idle entry keeps its start_time.
  StatsReport get_stripped_report(double now);

  // Adds a worker's report (on_worker_report). New entries are created at `now`.
  void extend(const StatsReport& report, double now);

  const StatsEntry& total() const { return total_; }
  // In order of creation. Addresses are stable until clear_all.
  const std::deque<StatsEntry>& entries() const { return entries_; }
  // By name, then method, in code point order, as in every table (sort_stats).
  std::vector<const StatsEntry*> sorted_entries() const;
  // nullptr if nothing of that name and method was ever logged.
  const StatsEntry* find(std::string_view name, std::string_view method) const;
  // Whether something is counted as kOthers because of the limits.
  bool has_other_entries() const { return entries_.size() > kMaxEntries; }
  bool has_other_errors() const { return errors_.size() > kMaxErrors; }
  // Whether the rows have reached their memory limit.
  bool is_full() const { return memory_ >= max_memory_; }
  // Key and error in order of first appearance.
  const std::vector<std::pair<std::string, StatsError>>& errors() const { return errors_; }

 private:
  struct EntryKey {  // views into the entry's own strings
    std::string_view name;
    std::string_view method;
    friend bool operator==(const EntryKey&, const EntryKey&) = default;
  };
  struct EntryKeyHash {
    std::size_t operator()(const EntryKey& key) const;
  };

  std::shared_ptr<const FailedExchange>* count_error(double now, std::string_view method,
                                                     std::string_view name, std::string_view error);
  StatsEntry& entry(std::string_view name, std::string_view method, double now);
  StatsEntry& create_entry(std::string_view name, std::string_view method, double now);
  StatsError* find_error(const std::string& key);
  StatsError& add_error(std::string key, StatsError error);
  void keep_exchange(StatsError& error, const std::shared_ptr<const FailedExchange>& exchange);
  std::vector<std::pair<std::string, StatsError>> take_errors();

  bool use_response_times_cache_;
  std::size_t max_memory_;
  bool record_precisely_ = false;
  StatsEntry total_;
  std::deque<StatsEntry> entries_;
  std::unordered_map<EntryKey, StatsEntry*, EntryKeyHash> index_;
  std::size_t memory_ = 0;  // of entries_, as of when they were last extended
  std::vector<std::pair<std::string, StatsError>> errors_;
  std::unordered_map<std::string, std::size_t> error_index_;  // key -> place in errors_
  std::unordered_set<std::string> seen_errors_;               // keys logged since either
  std::size_t exchanges_ = 0;                                 // merged ones in errors_
};

}  // namespace locust
