#include "master/cluster/exception_log.h"

#include <utility>

#include "common/stats/mask_stats.h"

namespace locust::master {
namespace {

// A traceback from the test's own first frame on. The frames before it are stock's, which native
// workers do not have and whose lines differ between releases.
std::string_view frames_of_test(std::string_view traceback) {
  constexpr std::string_view kNextFrame = "\n  File \"";
  constexpr std::string_view kFrame = kNextFrame.substr(1);
  std::string_view rest = traceback;
  while (rest.starts_with(kFrame)) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.find("/locust/user/") == std::string_view::npos) return rest;
    const std::size_t next = rest.find(kNextFrame);
    if (next == std::string_view::npos) break;
    rest.remove_prefix(next + 1);
  }
  return traceback;
}

}  // namespace

void ExceptionLog::add(const std::string& worker, std::string_view msg,
                       std::string_view traceback) {
  std::string text(traceback.substr(0, kMaxTextBytes));
  ExceptionView* kind = find(text);
  if (kind == nullptr) {  // known ones, which nearly all are, are masked already
    text = masked(text, TextKind::kLine, text.size() == kMaxTextBytes);
    kind = find(text);
  }
  if (kind == nullptr) kind = add_kind(msg, std::move(text));
  if (kind == nullptr) return;
  ++kind->count;
  if (kind->nodes.size() == kMaxNodesPerKind || bytes_ + worker.size() > kMaxBytes) return;
  if (kind->nodes.insert(worker).second) bytes_ += worker.size();
}

ExceptionView* ExceptionLog::find(std::string_view traceback) {
  const auto place = index_.find(std::string(frames_of_test(traceback)));
  return place == index_.end() ? nullptr : &views_[place->second];
}

// Null if a bound is reached.
ExceptionView* ExceptionLog::add_kind(std::string_view msg, std::string traceback) {
  constexpr std::string_view kLeftOut = "the others are left out";
  if (views_.size() == kMaxKinds) {
    warnings_.reached("kinds of exceptions", kMaxKinds, kLeftOut);
    return nullptr;
  }
  std::string text = masked_head(msg, kMaxTextBytes);
  std::string key(frames_of_test(traceback));
  const std::size_t bytes = text.size() + traceback.size() + key.size();
  if (bytes_ + bytes > kMaxBytes) {
    warnings_.reached("MiB of exceptions", kMaxBytes >> 20, kLeftOut);
    return nullptr;
  }
  bytes_ += bytes;
  index_.emplace(std::move(key), views_.size());
  return &views_.emplace_back(ExceptionView{
      .msg = std::move(text), .traceback = std::move(traceback), .count = 0, .nodes = {}});
}

void ExceptionLog::clear() {
  views_.clear();
  index_.clear();
  bytes_ = 0;
}

}  // namespace locust::master
