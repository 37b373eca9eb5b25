#include "master/report/csv_files.h"

#include <filesystem>
#include <system_error>

#include "common/csv.h"
#include "common/log.h"

namespace locust::master {
namespace {

constexpr int kSnapshotsPerFlush = 5;
// What may wait for a full disk: hours of a usual test.
constexpr std::size_t kMaxPendingBytes = std::size_t{4} << 20;

Result<void> create_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return Error{folder.string() + ": " + error.message()};
  return {};
}

}  // namespace

std::string exceptions_csv(const Snapshot& snapshot) {
  std::string text = exceptions_csv_header();
  for (const ExceptionView& exception : snapshot.exceptions) {
    text +=
        exceptions_csv_row(exception.count, exception.msg, exception.traceback, exception.nodes);
  }
  return text;
}

Result<CsvFiles> CsvFiles::create(const std::string& prefix, bool full_history,
                                  const Snapshot& first) {
  if (const auto created = create_folder_of(prefix); !created) return Error{created.error()};
  auto history = GrowingFile::create(prefix + "_stats_history.csv");
  if (!history) return Error{history.error()};
  CsvFiles files(prefix, full_history, *std::move(history));
  files.pending_rows_ = stats_history_csv_header();
  files.add_history_rows(first, to_second(first.time));
  if (const auto written = files.write(first); !written) return Error{written.error()};
  return files;
}

void CsvFiles::see(const Snapshot& snapshot) {
  const std::int64_t second = to_second(snapshot.time);
  // The first snapshot has been written, and timers are not exact.
  if (second != last_second_) add_history_rows(snapshot, second);
  if (++unwritten_snapshots_ < kSnapshotsPerFlush) return;
  unwritten_snapshots_ = 0;
  flush(snapshot);
}

bool CsvFiles::finish(const Snapshot& snapshot) {
  const std::int64_t second = to_second(snapshot.time);
  add_history_rows(snapshot, second == last_second_ ? second + 1 : second);
  return flush(snapshot);
}

void CsvFiles::add_history_rows(const Snapshot& snapshot, std::int64_t second) {
  last_second_ = second;
  pending_rows_ += stats_history_csv_rows(
      snapshot.stats, {.second = second, .user_count = snapshot.user_count}, full_history_);
}

// As much as can be written; the error names the first that cannot.
Result<void> CsvFiles::write(const Snapshot& snapshot) {
  Result<void> result;
  const auto note = [&result](Result<void> written) {
    if (result && !written) result = std::move(written);
  };
  note(replace_file(prefix_ + "_stats.csv", requests_csv(snapshot.stats)));
  note(replace_file(prefix_ + "_failures.csv", failures_csv(snapshot.stats)));
  note(replace_file(prefix_ + "_exceptions.csv", exceptions_csv(snapshot)));
  const Result<void> appended = history_.append(pending_rows_);
  if (appended || pending_rows_.size() > kMaxPendingBytes) pending_rows_.clear();
  note(appended);
  return result;
}

bool CsvFiles::flush(const Snapshot& snapshot) {
  const Result<void> written = write(snapshot);
  if (!written && !std::exchange(failure_logged_, true)) {
    log::main().error("--csv: cannot write {}; it is tried again every five seconds",
                      written.error());
  }
  return written.ok();
}

}  // namespace locust::master
