// LocustfileReplies: bounds the replies in flight to workers that request the test (-f -).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace locust::master {

// A worker may read slowly, or never: each has at most one reply in flight, and all together at
// most kMaxBytes and kMaxReplies, or one reply. A worker without a reply asks again.
class LocustfileReplies {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{100} << 20;
  static constexpr std::size_t kMaxReplies = 10'000;

  bool may_send(const std::string& id, std::size_t bytes);
  // `reply` expires when it no longer takes memory.
  void sent(const std::string& id, std::size_t bytes, std::weak_ptr<const void> reply);

 private:
  struct Reply {
    std::size_t bytes;
    std::weak_ptr<const void> message;
  };

  void forget_arrived();

  std::unordered_map<std::string, Reply> replies_;
  std::size_t bytes_ = 0;
};

}  // namespace locust::master
