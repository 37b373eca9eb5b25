#include "worker/loop/sample_file.h"

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <iterator>
#include <utility>

#include "common/base/log.h"
#include "common/base/mask.h"
#include "common/base/text.h"

namespace locust::worker {
namespace {

constexpr std::string_view kHeader = "time,type,name,ms,bytes,status,error,user\r\n";
constexpr std::size_t kBlockBytes = std::size_t{8} << 10;        // at most free on a full disk
constexpr std::size_t kWriteBytes = std::size_t{256} << 10;      // written immediately
constexpr auto kWriteInterval = std::chrono::milliseconds(500);  // or after this time

}  // namespace

Result<std::unique_ptr<SampleFile>> SampleFile::create(const std::string& path, CsvCells cells) {
  auto file = GrowingFile::open(path);
  if (!file) return Error{"--samples: cannot write " + file.error()};
  return std::unique_ptr<SampleFile>(new SampleFile(*std::move(file), cells));
}

SampleFile::SampleFile(GrowingFile file, CsvCells cells)
    : cells_(cells),
      file_(std::move(file)),
      pending_{Block{std::string(kHeader), 0}},
      pending_bytes_(kHeader.size()),
      writer_([this] { write_pending(); }) {}

SampleFile::~SampleFile() {
  if (writer_.joinable()) finish();
}

void SampleFile::add(const RequestSample& sample) {
  const auto append_text = [this](std::string_view text) {
    append_csv_field(line_, csv_text(std::string(text), cells_));
  };
  line_.clear();
  fmt::format_to(std::back_inserter(line_), "{:.6f},", sample.time);
  append_text(sample.type);
  line_ += ',';
  append_text(masker()->without_declared(sample.name));
  fmt::format_to(std::back_inserter(line_), ",{:.3f},{},{},", sample.response_time_ms,
                 sample.response_length, sample.status);
  append_text(sample.error);
  line_ += ',';
  append_text(sample.user_class);
  fmt::format_to(std::back_inserter(line_), ":{}\r\n", sample.user_id);

  const std::lock_guard lock(mutex_);
  if (pending_bytes_ + line_.size() > kMaxPendingBytes) {
    ++left_out_;
    return;
  }
  if (pending_.empty() || pending_.back().rows.size() >= kBlockBytes) pending_.emplace_back();
  pending_.back().rows += line_;
  ++pending_.back().count;
  const bool was_small = pending_bytes_ < kWriteBytes;
  pending_bytes_ += line_.size();
  if (was_small && pending_bytes_ >= kWriteBytes) wake_.notify_one();
}

bool SampleFile::finish() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  writer_.join();
  std::uint64_t missing = left_out_;
  for (const Block& block : pending_) missing += block.count;
  if (missing == 0 && pending_.empty()) return true;
  log::main().error("--samples: {}; {} left out",
                    failure_.empty() ? file_.path() + ": the disk was too slow" : failure_,
                    counted(missing, "request") + (missing == 1 ? " was" : " were"));
  return false;
}

void SampleFile::write_pending() {
  std::deque<Block> blocks;
  bool blocked = false;  // writing fails; it is tried again at intervals
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    const auto enough = [&] { return stopping_ || (!blocked && pending_bytes_ >= kWriteBytes); };
    wake_.wait_for(lock, kWriteInterval, enough);
    last = stopping_;
    blocks.swap(pending_);
    lock.unlock();
    blocked = !write(blocks);
    lock.lock();
    pending_bytes_ = 0;
    for (const Block& block : pending_) pending_bytes_ += block.rows.size();
    while (!blocks.empty()) {
      pending_bytes_ += blocks.back().rows.size();
      pending_.push_front(std::move(blocks.back()));
      blocks.pop_back();
    }
  }
}

// Keeps the blocks that cannot be written.
bool SampleFile::write(std::deque<Block>& blocks) {
  for (; !blocks.empty(); blocks.pop_front()) {
    const auto appended = file_.append(blocks.front().rows);
    if (!appended) {
      if (failure_.empty()) {
        log::main().warn("--samples: {}; it is tried again until it succeeds", appended.error());
      }
      failure_ = appended.error();
      return false;
    }
  }
  failure_.clear();
  return true;
}

}  // namespace locust::worker
