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
  const auto said = [&extension]() -> proto::StatsExtension& {
    return extension ? *extension : extension.emplace();
  };
  const bool is_first = std::exchange(has_new_ack_, false);
  if (is_first) {
    said().user_classes = user_classes_;
    if (understood_) said().files = files_;
  }
  // The first report shows the master that this worker counts tasks.
  if (understood_ && (is_first || tasks_begun > 0)) {
    said().tasks = static_cast<std::int64_t>(tasks_begun);
  }
  if (std::exchange(asks_to_stop_test_, false)) said().stop_test = true;
  if (const auto end = std::exchange(end_, std::nullopt)) {
    if (end->asked_for) said().exit_code = end->exit_code;
    if (end->uncaught) said().uncaught = true;
  }
  return extension;
}

std::optional<proto::HeartbeatExtension> NativeExtension::heartbeat(
    const SelfDiagnosis& diagnosis, const std::optional<std::string>& held_up_by) const {
  if (!understood_) return std::nullopt;
  const GeneratorSample& last = diagnosis.last();
  return proto::HeartbeatExtension{.loop_lag_ms = to_ms(last.loop_lag),
                                   .late_timers = static_cast<std::int64_t>(last.late_timers),
                                   .generator_bound = diagnosis.found(),
                                   .unfinished = held_up_by,
                                   .secret = secret_};
}

}  // namespace locust::worker
