// FileComparison: finds workers whose files, and hence tests, differ from the others'.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/base/file_digests.h"
#include "master/cluster/worker_registry.h"

namespace locust::master {

// Control thread. Pure. Compares the digests of native workers (stock workers send none) with the
// master's own, or otherwise with those of the majority of workers.
class FileComparison {
 public:
  static constexpr std::size_t kMaxKinds = 64;  // further kinds are ignored
  // Differing workers that are kept; further ones are only counted.
  static constexpr std::size_t kMaxKept = 1'000;

  // `own`: the files of the master's scenario; empty: none.
  explicit FileComparison(FileDigests own);

  // A worker's digests, to be kept as Worker::files; equal ones share one object. Null if they are
  // empty or too many.
  std::shared_ptr<const FileDigests> keep(FileDigests files);

  // Call when a test starts with these workers.
  void begin_test(const std::vector<const WorkerNode*>& workers);
  // Call when a worker joins the test or has sent new digests. Returns whether it differs for the
  // first time.
  bool add(const WorkerNode& worker);

  std::size_t count() const { return count_; }
  // "2 worker(s) have different files from this master, so …: a_1 (users.csv), b_2 (users.csv,
  // shop.yaml)". count() is not 0.
  std::string to_text() const;

 private:
  struct Difference {
    std::string id;
    std::vector<std::string> files;
  };

  std::shared_ptr<const FileDigests> own_;  // null: none
  std::vector<std::weak_ptr<const FileDigests>> kinds_;
  std::shared_ptr<const FileDigests> expected_;  // in this test; null: none received yet
  std::vector<Difference> kept_;
  std::size_t count_ = 0;
};

}  // namespace locust::master
