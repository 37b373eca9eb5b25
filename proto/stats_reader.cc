#include "proto/stats_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "proto/cursor.h"
#include "proto/histogram_wire.h"
#include "proto/stats_wire.h"
#include "proto/value.h"

namespace locust::proto {
namespace {

// Keys in the order in which stock writes them.
enum ReportKey : std::uint8_t {
  kStats,
  kStatsTotal,
  kErrors,
  kUserClassesCount,
  kUserCount,
  kExtension,
};
constexpr std::string_view kReportKeys[] = {
    "stats", "stats_total", "errors", "user_classes_count", "user_count", kExtensionKey,
};

enum EntryKey : std::uint8_t {
  kName,
  kMethod,
  kLastRequestTimestamp,
  kStartTime,
  kNumRequests,
  kNumNoneRequests,
  kNumFailures,
  kTotalResponseTime,
  kMaxResponseTime,
  kMinResponseTime,
  kTotalContentLength,
  kResponseTimes,
  kNumReqsPerSec,
  kNumFailPerSec,
  kPrecise,
};
constexpr std::string_view kEntryKeys[] = {
    "name",
    "method",
    "last_request_timestamp",
    "start_time",
    "num_requests",
    "num_none_requests",
    "num_failures",
    "total_response_time",
    "max_response_time",
    "min_response_time",
    "total_content_length",
    "response_times",
    "num_reqs_per_sec",
    "num_fail_per_sec",
    kExtensionKey,
};

enum ErrorKey : std::uint8_t {
  kErrorName,
  kErrorMethod,
  kErrorText,
  kOccurrences,
  kFirstSeen,
  kLastSeen
};
constexpr std::string_view kErrorKeys[] = {"name",        "method",     "error",
                                           "occurrences", "first_seen", "last_seen"};

// Larger containers grow as they are filled.
constexpr std::size_t kMostReserved = 1000;

// Finds the next of a map's known keys. Senders use a fixed order, so it is nearly always the one
// after the last.
class Keys {
 public:
  Keys(Cursor& in, std::span<const std::string_view> known) : in_(in), known_(known) {}

  // Returns its index among the known keys. Fails the cursor if it is unknown or a duplicate.
  std::size_t next() {
    const std::string_view key = in_.key();
    if (next_ == known_.size() || known_[next_] != key) {
      next_ = static_cast<std::size_t>(std::ranges::find(known_, key) - known_.begin());
    }
    if (next_ == known_.size() || came(next_)) {
      in_.fail();
      return known_.size();
    }
    came_ |= 1U << next_;
    return next_++;
  }

  bool came(std::size_t place) const { return ((came_ >> place) & 1U) != 0; }

  // Fails the cursor if one of the first `count` known keys is missing.
  void require(std::size_t count) const {
    for (std::size_t place = 0; place < count; ++place) {
      if (!came(place)) in_.fail();
    }
  }

 private:
  Cursor& in_;
  std::span<const std::string_view> known_;
  std::size_t next_ = 0;
  std::uint32_t came_ = 0;  // a bit for each key that was read
};

std::optional<std::string> text_or_nil(Cursor& in) {
  if (in.nil()) return std::nullopt;
  return std::string(in.str());
}

std::optional<Number> number_or_nil(Cursor& in) {
  if (in.nil()) return std::nullopt;
  return in.number();
}

std::optional<double> time_or_nil(Cursor& in) {
  if (in.nil()) return std::nullopt;
  return in.number().as_double();
}

std::int64_t count_or_nil(Cursor& in) { return in.nil() ? 0 : in.count(); }

// Buffers shared by the entries of a report.
struct Workspace {
  std::size_t histogram_bytes_left = kMaxHistogramBytes;
  std::vector<ResponseTimes::Bucket> buckets;
};

// Sorts the keys first, because stock's have no order. Equal keys are left to decode_stats.
void read_response_times(Cursor& in, Workspace& work, ResponseTimes& times) {
  if (in.nil()) return;
  const std::size_t pairs = in.map();
  if (pairs > ResponseTimes::kMaxBuckets) return in.fail();
  work.buckets.resize(pairs);
  for (ResponseTimes::Bucket& bucket : work.buckets) {
    bucket.response_time = in.number();
    bucket.count = in.count();
  }
  std::ranges::sort(work.buckets, {}, &ResponseTimes::Bucket::response_time);
  times.reserve(pairs);
  for (const ResponseTimes::Bucket& bucket : work.buckets) {
    times.add(bucket.response_time, bucket.count);
  }
  if (times.size() != pairs) in.fail();
}

void read_seconds(Cursor& in, SecondCounts& seconds) {
  if (in.nil()) return;
  const std::size_t pairs = in.map();
  if (pairs > SecondCounts::kMaxSeconds) return in.fail();
  seconds.reserve(pairs);
  for (std::size_t i = 0; i < pairs && in.ok(); ++i) {
    const std::int64_t second = in.count();
    seconds.add(second, in.count());
  }
  if (seconds.seconds().size() != pairs) in.fail();
}

void read_precise(Cursor& in, Workspace& work, PreciseTimes& precise) {
  const std::uint32_t pairs = in.map();
  for (std::uint32_t i = 0; i < pairs && in.ok(); ++i) {
    const auto* field = std::ranges::find(kPreciseFields, in.key(), &PreciseField::key);
    auto histogram = unpack_histogram(in.bin());
    if (field == std::end(kPreciseFields) || !(precise.*field->histogram).empty() || !histogram ||
        histogram->empty() || histogram->memory() > work.histogram_bytes_left) {
      return in.fail();
    }
    work.histogram_bytes_left -= histogram->memory();
    precise.*field->histogram = std::move(*histogram);
  }
}

StatsEntry read_entry(Cursor& in, Workspace& work) {
  StatsEntry entry("", std::nullopt, kUnknownStartTime);
  Keys keys(in, kEntryKeys);
  const std::uint32_t pairs = in.map();
  for (std::uint32_t i = 0; i < pairs && in.ok(); ++i) {
    switch (keys.next()) {
      case kName:
        entry.name = in.str();
        break;
      case kMethod:
        entry.method = text_or_nil(in);
        break;
      case kLastRequestTimestamp:
        entry.last_request_timestamp = time_or_nil(in);
        break;
      case kStartTime:
        entry.start_time = time_or_nil(in).value_or(kUnknownStartTime);
        break;
      case kNumRequests:
        entry.num_requests = count_or_nil(in);
        break;
      case kNumNoneRequests:
        entry.num_none_requests = count_or_nil(in);
        break;
      case kNumFailures:
        entry.num_failures = count_or_nil(in);
        break;
      case kTotalResponseTime:
        entry.total_response_time = number_or_nil(in).value_or(Number());
        break;
      case kMaxResponseTime:
        entry.max_response_time = number_or_nil(in).value_or(Number());
        break;
      case kMinResponseTime:
        entry.min_response_time = number_or_nil(in);
        break;
      case kTotalContentLength:
        entry.total_content_length = count_or_nil(in);
        break;
      case kResponseTimes:
        read_response_times(in, work, entry.response_times);
        break;
      case kNumReqsPerSec:
        read_seconds(in, entry.num_reqs_per_sec);
        break;
      case kNumFailPerSec:
        read_seconds(in, entry.num_fail_per_sec);
        break;
      case kPrecise:
        read_precise(in, work, entry.precise);
        break;
      default:
        break;  // the cursor has failed
    }
  }
  keys.require(kMethod + 1);
  return entry;
}

StatsError read_error(Cursor& in) {
  StatsError error;
  Keys keys(in, kErrorKeys);
  const std::uint32_t pairs = in.map();
  for (std::uint32_t i = 0; i < pairs && in.ok(); ++i) {
    switch (keys.next()) {
      case kErrorName:
        error.name = in.str();
        break;
      case kErrorMethod:
        error.method = text_or_nil(in).value_or("");
        break;
      case kErrorText:
        error.error = in.str();
        break;
      case kOccurrences:
        error.occurrences = in.count();
        break;
      case kFirstSeen:
        error.first_seen = time_or_nil(in);
        break;
      case kLastSeen:
        error.last_seen = time_or_nil(in);
        break;
      default:
        break;
    }
  }
  keys.require(kOccurrences + 1);
  return error;
}

// Calls read(key) for each pair of a map with arbitrary unique keys.
template <typename Read>
void read_named(Cursor& in, Read read) {
  const std::uint32_t pairs = in.map();
  std::unordered_set<std::string_view> names;
  for (std::uint32_t i = 0; i < pairs && in.ok(); ++i) {
    const std::string_view name = in.str();
    if (!names.insert(name).second) return in.fail();
    read(name);
  }
}

// Reads the form that nearly all reports of native workers have. The others have more members.
StatsExtension read_extension(Cursor& in) {
  StatsExtension extension;
  if (in.map() != 1 || in.key() != "tasks") in.fail();
  extension.tasks = in.count();
  return extension;
}

Stats read_report(Cursor& in) {
  Stats stats{StatsReport{{}, StatsEntry("", std::nullopt, kUnknownStartTime), {}}, {}, 0, {}, {}};
  StatsReport& report = stats.report;
  Workspace work;
  Keys keys(in, kReportKeys);
  const std::uint32_t pairs = in.map();
  for (std::uint32_t i = 0; i < pairs && in.ok(); ++i) {
    switch (keys.next()) {
      case kStats: {
        const std::size_t entries = in.array();
        if (entries > kMaxReportEntries) in.fail();
        report.stats.reserve(std::min(entries, kMostReserved));
        for (std::size_t n = 0; n < entries && in.ok(); ++n) {
          report.stats.push_back(read_entry(in, work));
        }
        break;
      }
      case kStatsTotal:
        report.stats_total = read_entry(in, work);
        break;
      case kErrors:
        read_named(in,
                   [&](std::string_view key) { report.errors.emplace_back(key, read_error(in)); });
        break;
      case kUserClassesCount:
        read_named(in, [&](std::string_view name) {
          stats.user_classes_count.emplace_back(name, in.count());
        });
        break;
      case kUserCount:
        stats.user_count = count_or_nil(in);
        break;
      case kExtension:
        stats.extension = read_extension(in);
        break;
      default:
        break;
    }
  }
  keys.require(kUserClassesCount + 1);
  return stats;
}

}  // namespace

std::optional<Message> read_usual_report(std::string_view bytes) {
  constexpr std::string_view kBegin = "\x93\xa5stats";
  // A smaller message cannot have more values than parse() allows.
  if (!bytes.starts_with(kBegin) || bytes.size() > Limits{}.max_values) return std::nullopt;
  Cursor in(bytes.substr(kBegin.size()));
  Message message;
  message.payload = read_report(in);
  message.node_id = text_or_nil(in).value_or("");
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return message;
}

}  // namespace locust::proto
