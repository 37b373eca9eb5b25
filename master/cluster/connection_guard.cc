#include "master/cluster/connection_guard.h"

#include <utility>

namespace locust::master {

bool ConnectionGuard::accepts(const proto::Connection& connection,
                              const std::optional<std::string_view>& shown, bool is_silent) {
  const bool is_right = !secret_.empty() && shown == secret_;
  const bool is_known = connection.number == 0 || own_.number == 0 ||
                        connection.number == own_.number || connection.number == previous_;
  if (is_known) {
    shows_secret_ |= is_right;
    return true;
  }
  const bool is_likely = connection.address == own_.address || is_silent;
  if (shows_secret_ ? !is_right : !is_likely) return false;
  previous_ = std::exchange(own_, connection).number;
  return true;
}

bool ConnectionGuard::hold(const proto::Connection& connection, std::string_view bytes) {
  if (!shows_secret_) return false;
  if (holding_ != connection.number)
    take_held();  // of another connection, which was never accepted
  holding_ = connection.number;
  if (held_.size() == kMaxHeld || held_bytes_ + bytes.size() > kMaxHeldBytes) return false;
  held_bytes_ += bytes.size();
  held_.emplace_back(bytes);
  return true;
}

std::vector<std::string> ConnectionGuard::take_held() {
  held_bytes_ = 0;
  std::vector<std::string> held = std::exchange(held_, {});
  if (std::exchange(holding_, 0) != own_.number) held.clear();
  return held;
}

}  // namespace locust::master
