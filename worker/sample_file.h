// SampleFile: every request of the users as a line of CSV.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "common/result.h"
#include "worker/user/session.h"

namespace locust::worker {

// add() is for one thread, the users' loop; it formats the line and returns. Another thread writes:
// a slow disk delays nobody. Where the disk cannot follow, lines beyond kMaxPendingBytes are left
// out and their number is logged at the end; so is an error of the disk, after which nothing more is
// written.
class SampleFile {
 public:
  static constexpr std::size_t kMaxPendingBytes = std::size_t{64} << 20;

  // Replaces the file. The error names it.
  static Result<std::unique_ptr<SampleFile>> create(const std::string& path);
  // Writes what is left.
  ~SampleFile();
  SampleFile(const SampleFile&) = delete;
  SampleFile& operator=(const SampleFile&) = delete;

  void add(const RequestSample& sample);

 private:
  SampleFile(std::string path, int fd);
  void write_pending();
  bool write(std::string_view bytes);

  const std::string path_;
  const int fd_;
  std::string line_;  // the adding thread's

  std::mutex mutex_;
  std::condition_variable wake_;
  std::string pending_;
  std::uint64_t left_out_ = 0;
  bool stopping_ = false;

  std::thread writer_;  // last: it uses all of the above
};

}  // namespace locust::worker
