#include "master/cluster/worker_losses.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace locust::master {
namespace {

std::string_view verb(WorkerLoss::Kind kind) {
  switch (kind) {
    case WorkerLoss::Kind::kMissing:
      return "went missing";
    case WorkerLoss::Kind::kQuit:
      return "quit";
    case WorkerLoss::Kind::kStopped:
      return "stopped by itself";
  }
  return "";
}

}  // namespace

std::string WorkerLoss::to_text() const {
  std::string text = fmt::format("{} (index {}) {} after {:.0f} s with {} users", id, index,
                                 verb(kind), to_seconds(after), users);
  if (back_after) text += fmt::format(", was back {:.0f} s later", to_seconds(*back_after));
  return text;
}

std::string MissingReport::to_text() const {
  return fmt::format("{} (index {}, {}){}", id, index,
                     since_report
                         ? fmt::format("last report {:.0f} s before", to_seconds(*since_report))
                         : "no report in this test",
                     held_up_by.empty() ? "" : ": " + held_up_by);
}

void WorkerLosses::begin_test(TimePoint now) {
  began_ = now;
  kept_.clear();
  count_ = 0;
}

const WorkerLoss& WorkerLosses::add(WorkerLoss loss, TimePoint now) {
  loss.after = now - began_;
  ++count_;
  if (kept_.size() < kMaxKept) return kept_.emplace_back(std::move(loss));
  last_ = std::move(loss);
  return last_;
}

void WorkerLosses::returned(std::string_view id, TimePoint now) {
  const auto loss =
      std::find_if(kept_.rbegin(), kept_.rend(), [&](const WorkerLoss& l) { return l.id == id; });
  if (loss == kept_.rend() || loss->back_after) return;
  loss->back_after = now - began_ - loss->after;
}

}  // namespace locust::master
