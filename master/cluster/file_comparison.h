// FileComparison: which workers run another test than the rest, because their files differ.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/base/file_digests.h"
#include "master/cluster/worker_registry.h"

namespace locust::master {

// Control thread. Pure. Compares what workers of ours tell of their files (stock workers tell nothing) with the
// master's own, or else with those that most workers have.
class FileComparison {
 public:
  static constexpr std::size_t kMaxKinds = 64;    // beyond it, what workers tell is forgotten
  static constexpr std::size_t kMaxKept = 1'000;  // of differing workers; the others are counted

  // `own`: of the scenario that the master was given; empty: none.
  explicit FileComparison(FileDigests own);

  // What a worker told, to be kept as Worker::files; equal ones are one object. Null if it says nothing or too much.
  std::shared_ptr<const FileDigests> keep(FileDigests files);

  // A test begins with these workers.
  void begin_test(const std::vector<const Worker*>& workers);
  // A worker takes part in the test or has told its files anew. Whether it is the first time that it differs.
  bool add(const Worker& worker);

  std::size_t count() const { return count_; }
  // "2 worker(s) have other files than this master, so …: a_1 (users.csv), b_2 (users.csv, shop.yaml)". count() is not 0.
  std::string to_text() const;

 private:
  struct Difference {
    std::string id;
    std::vector<std::string> files;
  };

  std::shared_ptr<const FileDigests> own_;  // null: none
  std::vector<std::weak_ptr<const FileDigests>> kinds_;
  std::shared_ptr<const FileDigests> expected_;  // in this test; null: nobody has told any yet
  std::vector<Difference> kept_;
  std::size_t count_ = 0;
};

}  // namespace locust::master
