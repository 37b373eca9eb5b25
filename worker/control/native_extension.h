// NativeExtension: what a worker sends its master beyond stock's protocol, and when.
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

// Native masters understand all of it; stock ones get the classes only, which they ignore. The
// control thread's.
class NativeExtension {
 public:
  NativeExtension(std::vector<proto::ClassInfo> user_classes, FileDigests files)
      : user_classes_(std::move(user_classes)), files_(std::move(files)) {}

  void on_ack(proto::Ack& ack);
  bool is_understood() const { return understood_; }

  void begin_test() { stop_test_asked_ = false; }
  // The next report asks the master to end the test, if the master understands it. False: one of this test has asked already.
  bool ask_to_stop_test();
  // The next report carries it, to masters that understand it.
  void set_end(const ProcessEnd& end) { end_ = end; }

  // Of the next report. `tasks_begun` are those since the last one.
  std::optional<proto::StatsExtension> take(std::uint64_t tasks_begun);
  // Of a heartbeat. `held_up_by` is what keeps the users from ending, if they did not in time.
  std::optional<proto::HeartbeatExtension> heartbeat(
      const SelfDiagnosis& diagnosis, const std::optional<std::string>& held_up_by) const;

 private:
  const std::vector<proto::ClassInfo> user_classes_;
  const FileDigests files_;
  bool understood_ = false;
  std::string secret_;            // of the ack: what makes the master know this worker again
  bool has_new_ack_ = false;      // since the last report
  bool stop_test_asked_ = false;  // in this test
  bool asks_to_stop_test_ = false;
  std::optional<ProcessEnd> end_;
};

}  // namespace locust::worker
