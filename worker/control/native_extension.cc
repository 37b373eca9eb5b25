#include "worker/control/native_extension.h"

#include <utility>

namespace locust::worker {

void NativeExtension::on_ack(proto::Ack& ack) {
  has_new_ack_ = true;
  understood_ = ack.extended;
  secret_ = std::move(ack.secret);
}

bool NativeExtension::ask_to_stop_test() {
  if (std::exchange(stop_test_asked_, true)) return false;
  asks_to_stop_test_ = understood_;
  return true;
}

std::optional<proto::StatsExtension> NativeExtension::take(std::uint64_t tasks_begun) {
  std::optional<proto::StatsExtension> extension;
  if (std::exchange(has_new_ack_, false)) {
    extension = proto::StatsExtension{user_classes_, understood_ ? files_ : FileDigests(), {}};
  }
  const auto add = [&extension](const char* name, proto::Value value) {
    if (!extension) extension.emplace();
    extension->extra.emplace_back(name, std::move(value));
  };
  // The first one says that this worker counts them.
  if (understood_ && (extension || tasks_begun > 0)) {
    add("tasks", static_cast<std::int64_t>(tasks_begun));
  }
  if (std::exchange(asks_to_stop_test_, false)) add("stop_test", true);
  if (const auto end = std::exchange(end_, std::nullopt)) {
    if (end->asked_for) add("exit_code", end->exit_code);
    if (end->uncaught) add("uncaught", true);
  }
  return extension;
}

proto::Value::Map NativeExtension::heartbeat(const SelfDiagnosis& diagnosis,
                                             const std::optional<std::string>& held_up_by) const {
  if (!understood_) return {};
  const std::vector<std::string> found = diagnosis.found();
  proto::Value::Map extra = {{"loop_lag_ms", to_ms(diagnosis.last().loop_lag)},
                             {"late_timers", diagnosis.last().late_timers},
                             {"generator_bound", proto::Value::Array(found.begin(), found.end())}};
  if (held_up_by) extra.emplace_back("unfinished", *held_up_by);
  if (!secret_.empty()) extra.emplace_back(proto::kSecretKey, secret_);
  return extra;
}

}  // namespace locust::worker
