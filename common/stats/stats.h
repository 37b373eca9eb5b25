// Statistics with Locust's names: what a worker logs and reports, and what a master makes of all
// reports. Rules are those of stock's stats.py (2.47), cited by its function names.
//
// All times are seconds since the epoch as Python's time.time() gives them, passed in by the
// caller. Nothing here locks: an object belongs to one thread at a time.
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

// Where the time of one request went. What did not happen is not set: a request on a connection that
// was open resolves and connects nothing.
struct RequestPhases {
  std::optional<Duration> dns;         // waiting for the addresses of the host
  std::optional<Duration> connect;     // TCP
  std::optional<Duration> tls;         // the handshake
  std::optional<Duration> first_byte;  // from an open connection to the response's first byte
};

// What stock's two digits cannot tell; only between processes of ours.
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

// Numbers of one request name and method, or of all requests. The first fourteen members are the
// entry of a report (docs/protocol.md §5.1).
struct StatsEntry {
  // As received from a worker that sent nothing but these: zero, started now. `use_cache` keeps the
  // copies that get_current_response_time_percentile needs; masters do, workers do not.
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
  // Whether the copies of the last seconds include precise.response_time. Only those of the total
  // do: one takes up to 95 KiB, and views show the current percentiles of all requests only.
  bool caches_precise_times = false;
  ResponseTimesCache response_times_cache;

  // A response time of NaN or infinity counts as none.
  void log(double now, const std::optional<Number>& response_time_ms, std::int64_t content_length);
  void log_error(double now);
  void reset(double now);
  // Where it may not grow, what it has not yet memory for is told less exactly: a response time
  // counts in a bucket that is there, `precise` takes no more, only the last counts per second stay.
  void extend(const StatsEntry& other, bool may_grow = true);
  // What it takes or will take, in bytes.
  std::size_t memory() const;

  // These need only the entry itself.
  std::int64_t num_timed_requests() const;
  double fail_ratio() const;
  double avg_response_time() const;
  Number median_response_time() const;
  Number avg_content_length() const;
  Number get_response_time_percentile(double percent) const;
  // nullopt without cache, or where it holds nothing from about ten seconds ago.
  std::optional<Number> get_current_response_time_percentile(double percent, double now) const;
  // Whether every response time is in `precise`: no worker took part that sends only buckets.
  bool is_precise() const { return precise.response_time.count() == num_timed_requests(); }
  // In milliseconds: with three digits if is_precise(), else from the buckets.
  double best_response_time_percentile(double percent) const;
  // Likewise over the last ten seconds, with three digits only if caches_precise_times too. nullopt
  // without cache, where nothing is known from about ten seconds ago, or no request ended since.
  std::optional<double> best_current_response_time_percentile(double percent, double now) const;
  // median_response_time, with three digits if is_precise().
  Number best_median_response_time() const;

  // Rates are over the time of the whole run, hence of the total entry: current_… over the ten
  // seconds that ended two seconds before its last request.
  double current_rps(const StatsEntry& total) const;
  double current_fail_per_sec(const StatsEntry& total) const;
  double total_rps(const StatsEntry& total) const;
  double total_fail_per_sec(const StatsEntry& total) const;

 private:
  void cache_response_times(std::int64_t second);
  double within_extremes(double ms) const;
};

// The first exchange that failed in some way, as texts for a person. Secrets are masked.
struct FailedExchange {
  std::string request;              // "POST http://…", then the header lines
  std::string response;             // "HTTP 503", then the header lines; empty: none came
  std::string body;                 // the first 4 KiB of the response's
  std::vector<std::string> values;  // of the failed check: "json('/status') = 'closed'"

  // All of it, as a log shows it, each line with `indent` in front.
  std::string to_text(std::string_view indent) const;
};

// One kind of failure of one request name: equal error texts are counted together.
struct StatsError {
  std::string name;
  std::string method;
  std::string error;  // as normalised by parse_error
  std::int64_t occurrences = 0;
  std::optional<double> first_seen;
  std::optional<double> last_seen;
  // Between processes of ours, once per kind of failure and test; null otherwise.
  std::shared_ptr<const FailedExchange> exchange = nullptr;

  // The text with the address of its first "object at 0x7f…>" written as "0x....".
  static std::string parse_error(std::string_view error);
  // The key on the wire: sha256 of "METHOD.NAME." and Python's repr of the normalised text, in hex.
  static std::string create_key(std::string_view method, std::string_view name,
                                std::string_view parsed_error);
  // The console's text: "GET /path: what happened", CatchResponseError unwrapped.
  std::string to_name() const;
};

// The method of what is no request but made of several.
inline constexpr std::string_view kTransactionMethod = "TX";

// One report of a worker (docs/protocol.md §5) without the user counts, which are not statistics.
struct StatsReport {
  std::vector<StatsEntry> stats;  // in order of creation
  StatsEntry stats_total;
  std::vector<std::pair<std::string, StatsError>> errors;  // key, error; in order of first sight
};

// All statistics of a process. A worker logs into it and takes reports out of it, a master merges
// reports into it. Invariant on a worker: the total is the sum of all entries but those of
// transactions; a master trusts what it is sent. Not copied: what tables, files and pages show, and a snapshot holds, is the
// StatsSummary made from it (common/stats/stats_summary.h).
//
// Memory is bounded whatever is logged or reported: a request name or a kind of failure beyond the
// limits counts in a row of its own for all of them, kOthers, and texts are cut. What rows take of a
// master's memory is bounded together: when it is full, names that come are others too, and
// the rows there are tell less exactly what else comes (StatsEntry::extend).
class RequestStats {
 public:
  static constexpr std::size_t kMaxEntries = 10'000;
  static constexpr std::size_t kMaxErrors = 10'000;
  // Enough for so many names as they usually are, about 100 KiB each.
  static constexpr std::size_t kMaxMemory = std::size_t{1} << 30;
  static constexpr std::size_t kMaxTextBytes = std::size_t{8} << 10;
  static constexpr std::string_view kOthers = "(others)";

  explicit RequestStats(double now, bool use_response_times_cache = true,
                        std::size_t max_memory = kMaxMemory);
  RequestStats(const RequestStats&) = delete;
  RequestStats& operator=(const RequestStats&) = delete;

  // Whether log_request fills StatsEntry::precise too; not at first.
  void record_precisely(bool on) { record_precisely_ = on; }

  // The worker's hot path: allocates only for a name, bucket or second not seen before.
  void log_request(double now, std::string_view method, std::string_view name,
                   const std::optional<Number>& response_time_ms, std::int64_t content_length,
                   const RequestPhases& phases = {});
  // Counts a failure, which log_request does not. `error` is the text itself or the repr of an
  // exception. Returns where to put the exchange of a failure that is the first of its kind since
  // clear_all or reset_all, else null; valid until the next call.
  std::shared_ptr<const FailedExchange>* log_error(double now, std::string_view method,
                                                   std::string_view name, std::string_view error);

  // Counts a transaction and, unless `failure` is empty, its failure: in its own entry only, so that
  // requests per second stay requests.
  void log_transaction(double now, std::string_view name, const Number& response_time_ms,
                       std::string_view failure);

  // Entries stay and go to zero; errors go, and their exchanges are taken anew.
  void reset_all(double now);
  // Everything goes; pointers and references to entries die.
  void clear_all(double now);

  // What was logged since the last report, without idle entries; then resets what it took
  // (on_report_to_master). An idle entry keeps its start_time.
  StatsReport get_stripped_report(double now);

  // Adds a worker's report (on_worker_report). Entries not known yet are created at `now`.
  void extend(const StatsReport& report, double now);

  const StatsEntry& total() const { return total_; }
  // In order of creation. Addresses are stable until clear_all.
  const std::deque<StatsEntry>& entries() const { return entries_; }
  // By name, then method, in code point order, as every table shows them (sort_stats).
  std::vector<const StatsEntry*> sorted_entries() const;
  // nullptr if nothing of that name and method was ever logged.
  const StatsEntry* find(std::string_view name, std::string_view method) const;
  // Whether something counts in a row of kOthers, which come beyond the limits.
  bool has_other_entries() const { return entries_.size() > kMaxEntries; }
  bool has_other_errors() const { return errors_.size() > kMaxErrors; }
  // Whether the rows take all the memory that they may.
  bool is_full() const { return memory_ >= max_memory_; }
  // Key and error in order of first sight.
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
  std::unordered_set<std::string> seen_errors_;               // logged since either, by key
  std::size_t exchanges_ = 0;                                 // merged ones in errors_
};

}  // namespace locust
