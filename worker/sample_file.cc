#include "worker/sample_file.h"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <iterator>
#include <utility>

#include "common/csv.h"
#include "common/log.h"
#include "common/mask.h"

namespace locust::worker {
namespace {

constexpr std::string_view kHeader = "time,type,name,ms,bytes,status,error,user\r\n";
constexpr std::size_t kWriteBytes = std::size_t{256} << 10;      // enough for a write of its own
constexpr auto kWriteInterval = std::chrono::milliseconds(500);  // or after this time

}  // namespace

Result<std::unique_ptr<SampleFile>> SampleFile::create(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return Error{"--samples: cannot write '" + path + "': " + std::strerror(errno)};
  return std::unique_ptr<SampleFile>(new SampleFile(path, fd));
}

SampleFile::SampleFile(std::string path, int fd)
    : path_(std::move(path)), fd_(fd), pending_(kHeader), writer_([this] { write_pending(); }) {}

SampleFile::~SampleFile() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  writer_.join();
  ::close(fd_);
}

void SampleFile::add(const RequestSample& sample) {
  line_.clear();
  fmt::format_to(std::back_inserter(line_), "{:.6f},", sample.time);
  append_csv_field(line_, sample.type);
  line_ += ',';
  append_csv_field(line_, masker()->without_declared(sample.name));
  fmt::format_to(std::back_inserter(line_), ",{:.3f},{},{},", sample.response_time_ms,
                 sample.response_length, sample.status);
  append_csv_field(line_, sample.error);
  line_ += ',';
  append_csv_field(line_, sample.user_class);
  fmt::format_to(std::back_inserter(line_), ":{}\r\n", sample.user_id);

  const std::lock_guard lock(mutex_);
  if (pending_.size() + line_.size() > kMaxPendingBytes) {
    ++left_out_;
    return;
  }
  const bool was_small = pending_.size() < kWriteBytes;
  pending_ += line_;
  if (was_small && pending_.size() >= kWriteBytes) wake_.notify_one();
}

void SampleFile::write_pending() {
  std::string bytes;
  bool broken = false;
  std::unique_lock lock(mutex_);
  while (!stopping_ || !pending_.empty()) {
    wake_.wait_for(lock, kWriteInterval,
                   [this] { return stopping_ || pending_.size() >= kWriteBytes; });
    bytes.clear();
    std::swap(bytes, pending_);
    lock.unlock();
    broken = broken || !write(bytes);
    lock.lock();
  }
  if (left_out_ > 0) {
    log::main().warn("{}: {} requests were left out, because the disk could not follow", path_,
                     left_out_);
  }
}

bool SampleFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      log::main().error("{}: {}; no more requests are written there", path_, std::strerror(errno));
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace locust::worker
