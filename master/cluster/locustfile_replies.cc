#include "master/cluster/locustfile_replies.h"

#include <utility>

namespace locust::master {

bool LocustfileReplies::may_send(const std::string& id, std::size_t bytes) {
  const auto own = replies_.find(id);
  if (own != replies_.end() && !own->second.message.expired()) return false;
  const auto fits = [&] {
    return replies_.empty() || (replies_.size() < kMaxReplies && bytes_ + bytes <= kMaxBytes);
  };
  if (!fits()) forget_arrived();
  return fits();
}

void LocustfileReplies::sent(const std::string& id, std::size_t bytes,
                             std::weak_ptr<const void> reply) {
  const auto [own, is_new] = replies_.try_emplace(id);
  if (!is_new) bytes_ -= own->second.bytes;
  own->second = {bytes, std::move(reply)};
  bytes_ += bytes;
}

void LocustfileReplies::forget_arrived() {
  for (auto it = replies_.begin(); it != replies_.end();) {
    if (it->second.message.expired()) {
      bytes_ -= it->second.bytes;
      it = replies_.erase(it);
    } else {
      ++it;
    }
  }
}

}  // namespace locust::master
