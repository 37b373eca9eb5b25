// NativeExtension: the data that a worker sends beyond stock's protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/file_digests.h"
#include "proto/message.h"
#include "worker/loop/self_diagnosis.h"
#include "worker/program.h"

namespace locust::worker {

// Stock masters receive only the user classes, which they ignore. Used on the control thread.
class NativeExtension {
 public:
  NativeExtension(std::vector<proto::ClassInfo> user_classes, FileDigests files)
      : user_classes_(std::move(user_classes)), files_(std::move(files)) {}

  void on_ack(proto::Ack& ack);
  bool is_understood() const { return understood_; }

  void begin_test() { stop_test_asked_ = false; }
  // Lets the next report ask the master to end the test, if the master understands the extension.
  // Returns false if this was already called in this test.
  bool ask_to_stop_test();
  // Adds `end` to the next report. Requires is_understood().
  void set_end(const ProcessEnd& end) { end_ = end; }

  // Returns the extension of the next report; nullopt if it has none. `tasks_begun` is the number
  // of tasks started since the last report.
  std::optional<proto::StatsExtension> take(std::uint64_t tasks_begun);
  // Returns the extension of a heartbeat. `held_up_by` describes what blocks the users if they did
  // not stop in time.
  std::optional<proto::HeartbeatExtension> heartbeat(
      const SelfDiagnosis& diagnosis, const std::optional<std::string>& held_up_by) const;

 private:
  const std::vector<proto::ClassInfo> user_classes_;
  const FileDigests files_;
  bool understood_ = false;
  std::string secret_;            // of the ack, by which the master recognizes this worker
  bool has_new_ack_ = false;      // since the last report
  bool stop_test_asked_ = false;  // in this test
  bool asks_to_stop_test_ = false;
  std::optional<ProcessEnd> end_;
};

}  // namespace locust::worker
