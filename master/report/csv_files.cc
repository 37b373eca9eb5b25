#include "master/report/csv_files.h"

#include "common/base/log.h"

namespace locust::master {
namespace {

constexpr int kSnapshotsPerFlush = 5;
// The limit of waiting rows if the disk is full: hours of a typical test.
constexpr std::size_t kMaxPendingBytes = std::size_t{4} << 20;

}  // namespace

std::string exceptions_csv(const Snapshot& snapshot, CsvCells cells) {
  std::string text = exceptions_csv_header();
  for (const ExceptionView& exception : snapshot.exceptions) {
    text += exceptions_csv_row(exception.count, exception.msg, exception.traceback, exception.nodes,
                               cells);
  }
  return text;
}

Result<CsvFiles> CsvFiles::create(Options options) {
  if (const auto created = create_folder_of(options.prefix); !created) {
    return Error{created.error()};
  }
  auto history = GrowingFile::open(options.prefix + "_stats_history.csv");
  if (!history) return Error{history.error()};
  return CsvFiles(std::move(options), *std::move(history));
}

Result<void> CsvFiles::begin(const Snapshot& first) {
  pending_rows_ = stats_history_csv_header();
  add_history_rows(first, to_second(first.time));
  return write(first);
}

void CsvFiles::see(const Snapshot& snapshot) {
  const std::int64_t second = to_second(snapshot.time);
  // The first snapshot has been written, and timers are not exact.
  if (second != last_second_) add_history_rows(snapshot, second);
  if (++unwritten_snapshots_ < kSnapshotsPerFlush) return;
  unwritten_snapshots_ = 0;
  const Result<void> written = write(snapshot);
  if (written || std::exchange(failure_logged_, true)) return;
  log::main().error("--csv: cannot write {}; it is tried again every five seconds",
                    written.error());
}

bool CsvFiles::finish(const Snapshot& snapshot) {
  const std::int64_t second = to_second(snapshot.time);
  add_history_rows(snapshot, second == last_second_ ? second + 1 : second);
  const Result<void> written = write(snapshot);
  if (!written) {
    log::main().error("--csv: cannot write {}", written.error());
  } else if (!lost_rows_.empty()) {
    log::main().error("--csv: rows are missing: {}", lost_rows_);
  }
  return written.ok() && lost_rows_.empty();
}

void CsvFiles::add_history_rows(const Snapshot& snapshot, std::int64_t second) {
  last_second_ = second;
  pending_rows_ +=
      stats_history_csv_rows(snapshot.stats, {.second = second, .user_count = snapshot.user_count},
                             options_.full_history, options_.cells);
}

// Writes as many files as possible. The error names the first that cannot be written.
Result<void> CsvFiles::write(const Snapshot& snapshot) {
  Result<void> result;
  const auto note = [&result](Result<void> written) {
    if (result && !written) result = std::move(written);
  };
  const auto replace = [&](const char* ending, const std::string& content) {
    note(replace_file(options_.prefix + ending, content));
  };
  replace("_stats.csv", requests_csv(snapshot.stats, options_.cells));
  replace("_failures.csv", failures_csv(snapshot.stats, options_.cells));
  replace("_exceptions.csv", exceptions_csv(snapshot, options_.cells));
  const Result<void> appended = history_.append(pending_rows_);
  const bool are_too_many = !appended && pending_rows_.size() > kMaxPendingBytes;
  if (are_too_many) lost_rows_ = appended.error();
  if (appended || are_too_many) pending_rows_.clear();
  note(appended);
  return result;
}

}  // namespace locust::master
