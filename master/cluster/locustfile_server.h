// LocustfileServer: sends the test to workers that request it (-f -).
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "master/cluster/locustfile_replies.h"
#include "proto/message.h"
#include "proto/transport.h"

namespace locust::master {

// Control thread. `transport` must outlive it. A worker asks once a second until it is answered, so
// one that gets no reply because of a bound asks again.
class LocustfileServer {
 public:
  // Per second, but at least one reply.
  static constexpr std::size_t kMaxReplies = 50;
  static constexpr std::size_t kMaxBytes = std::size_t{100} << 20;

  // Stock workers cannot run a scenario.
  enum class Kind { kLocustfile, kScenario };
  // `reply`: nullopt if this master has no test to send.
  LocustfileServer(proto::MasterTransport& transport, std::optional<proto::LocustfileReply> reply,
                   Kind kind);

  Kind kind() const { return kind_; }
  void begin_second() { replies_ = 0; }
  // Sends the test, or the reason why it cannot. Returns that reason; nullopt if it was sent.
  std::optional<std::string> answer(const std::string& id, const proto::LocustfileRequest& request);

 private:
  std::optional<std::string> refusal(const proto::LocustfileRequest& request) const;
  void send_test(const std::string& id);

  proto::MasterTransport& transport_;
  const std::optional<proto::LocustfileReply> reply_;
  const Kind kind_;
  const std::size_t bytes_;  // the approximate size of the reply
  std::size_t replies_ = 0;  // in this second
  LocustfileReplies on_their_way_;
};

}  // namespace locust::master
