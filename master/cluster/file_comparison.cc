#include "master/cluster/file_comparison.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/base/printable.h"
#include "master/cluster/named_list.h"

namespace locust::master {
namespace {

constexpr std::size_t kMaxFilesNamed = 5;  // of a worker

std::string files_text(const std::vector<std::string>& files) {
  std::string text;
  for (std::size_t i = 0; i < std::min(files.size(), kMaxFilesNamed); ++i) {
    if (i > 0) text += ", ";
    append_printable(text, files[i]);
  }
  if (files.size() > kMaxFilesNamed) {
    text += fmt::format(", and {} more", files.size() - kMaxFilesNamed);
  }
  return text;
}

// In a tie, those of the first worker.
std::shared_ptr<const FileDigests> most_frequent(const std::vector<const WorkerNode*>& workers) {
  std::map<const FileDigests*, int> counts;
  for (const WorkerNode* worker : workers) {
    if (worker->files) ++counts[worker->files.get()];
  }
  std::shared_ptr<const FileDigests> most;
  for (const WorkerNode* worker : workers) {
    if (worker->files && (!most || counts[worker->files.get()] > counts[most.get()])) {
      most = worker->files;
    }
  }
  return most;
}

}  // namespace

FileComparison::FileComparison(FileDigests own)
    : own_(own.empty() ? nullptr : std::make_shared<const FileDigests>(std::move(own))) {}

std::shared_ptr<const FileDigests> FileComparison::keep(FileDigests files) {
  if (files.empty()) return nullptr;
  std::erase_if(kinds_, [](const auto& kind) { return kind.expired(); });
  for (const auto& kind : kinds_) {
    if (auto known = kind.lock(); *known == files) return known;
  }
  if (kinds_.size() == kMaxKinds) return nullptr;
  auto kept = std::make_shared<const FileDigests>(std::move(files));
  kinds_.emplace_back(kept);
  return kept;
}

void FileComparison::begin_test(const std::vector<const WorkerNode*>& workers) {
  kept_.clear();
  count_ = 0;
  expected_ = own_ ? own_ : most_frequent(workers);
  for (const WorkerNode* worker : workers) add(*worker);
}

bool FileComparison::add(const WorkerNode& worker) {
  if (!worker.files) return false;
  if (!expected_) expected_ = worker.files;
  const bool known = std::ranges::find(kept_, worker.id, &Difference::id) != kept_.end();
  if (known || worker.files == expected_) return false;
  std::vector<std::string> files = differing_files(*expected_, *worker.files);
  if (files.empty()) return false;
  ++count_;
  if (kept_.size() < kMaxKept) kept_.push_back({worker.id, std::move(files)});
  return true;
}

std::string FileComparison::to_text() const {
  return fmt::format(
      "{} worker(s) have different files from {}, so their users may behave differently: {}",
      count_, own_ ? "this master" : "the rest",
      named_list(kept_, count_, ", ", [](const Difference& difference) {
        return fmt::format("{} ({})", difference.id, files_text(difference.files));
      }));
}

}  // namespace locust::master
