// SampleFile: writes every request of the users as a line of CSV.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "common/base/output_file.h"
#include "common/base/result.h"
#include "common/stats/csv.h"
#include "worker/user/http_session.h"

namespace locust::worker {

// add() must be called on one thread, that of the users' loop; it formats the line and returns.
// Another thread writes, so a slow disk does not delay users. If the disk is slow or full, up to
// kMaxPendingBytes of lines wait; further lines are dropped. The file has complete lines only.
class SampleFile {
 public:
  static constexpr std::size_t kMaxPendingBytes = std::size_t{64} << 20;

  // Truncates the file. The error names it.
  static Result<std::unique_ptr<SampleFile>> create(const std::string& path,
                                                    CsvCells cells = CsvCells::kRaw);
  ~SampleFile();
  SampleFile(const SampleFile&) = delete;
  SampleFile& operator=(const SampleFile&) = delete;

  void add(const RequestSample& sample);
  // Writes the remaining lines; nothing can be added afterwards. Returns false if the file lacks
  // lines, after logging their number and the reason.
  bool finish();

 private:
  // Written completely or not at all, so that no row is incomplete.
  struct Block {
    std::string rows;
    std::uint64_t count = 0;
  };

  SampleFile(GrowingFile file, CsvCells cells);
  void write_pending();
  bool write(std::deque<Block>& blocks);

  const CsvCells cells_;
  std::string line_;  // the adding thread's

  // The writing thread's, until it has ended.
  GrowingFile file_;
  std::string failure_;  // the last one; empty once the disk accepts lines again

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Block> pending_;
  std::size_t pending_bytes_ = 0;  // including those being written
  std::uint64_t left_out_ = 0;
  bool stopping_ = false;

  std::thread writer_;  // last: it uses all of the above
};

}  // namespace locust::worker
