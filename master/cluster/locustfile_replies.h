// LocustfileReplies: how much of the test is on its way to workers that asked for it (-f -).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace locust::master {

// Who asks may read slowly, or never: each has one reply on its way at most, and all together
// kMaxBytes and kMaxReplies, or one. Whoever is left out asks again.
class LocustfileReplies {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{100} << 20;
  static constexpr std::size_t kMaxReplies = 10'000;

  bool may_send(const std::string& id, std::size_t bytes);
  // `reply` expires when it takes no memory any more.
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
