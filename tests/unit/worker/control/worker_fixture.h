// A worker's state machine in simulated time, against a master that says what the test wants.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/log.h"
#include "proto/codec.h"
#include "tests/fakes/fake_transport.h"
#include "tests/fakes/fake_user_loop.h"
#include "tests/fakes/simulated_loop.h"
#include "worker/control/worker.h"

namespace locust::worker {

using std::chrono::milliseconds;
using std::chrono::seconds;

class WorkerTest : public testing::Test, protected WorkerEvents {
 protected:
  WorkerTest() {
    network_.master().on_message([this](std::string_view, std::string_view payload) {
      auto message = proto::decode_from_worker(payload);
      ASSERT_TRUE(message) << message.error();
      EXPECT_EQ(message->node_id, kId);
      received_.push_back({loop_.clock().now(), std::move(*message)});
    });
    worker_.begin();
  }

  template <typename Payload>
  void send(Payload payload) {
    network_.master().send(kId, proto::encode({std::move(payload), kId}));
    loop_.advance(milliseconds(5));
  }
  void ack() {
    loop_.advance(milliseconds(5));
    send(proto::Ack{.index = 0, .extra = {}});
  }
  proto::Spawn spawn(UserCounts counts, double stop_timeout = 0) {
    proto::Spawn message;
    message.timestamp = loop_.clock().wall_time();
    message.user_classes_count = std::move(counts);
    message.stop_timeout = stop_timeout;
    return message;
  }

  struct Received {
    TimePoint at;
    proto::Message message;
  };
  // What has arrived of that kind.
  template <typename Payload>
  std::vector<const Payload*> got() const {
    std::vector<const Payload*> result;
    for (const Received& received : received_) {
      if (const auto* payload = std::get_if<Payload>(&received.message.payload))
        result.push_back(payload);
    }
    return result;
  }
  template <typename Payload>
  std::vector<TimePoint> times() const {
    std::vector<TimePoint> result;
    for (const Received& received : received_) {
      if (std::holds_alternative<Payload>(received.message.payload)) result.push_back(received.at);
    }
    return result;
  }
  // The order of arrival of all but heartbeats and periodic reports, one letter each.
  std::string story() const {
    std::string text;
    for (const Received& received : received_) {
      const auto& payload = received.message.payload;
      if (std::holds_alternative<proto::ClientReady>(payload)) text += 'R';
      if (std::holds_alternative<proto::Spawning>(payload)) text += 's';
      if (std::holds_alternative<proto::SpawningComplete>(payload)) text += 'c';
      if (std::holds_alternative<proto::ClientStopped>(payload)) text += 'S';
      if (std::holds_alternative<proto::Quit>(payload)) text += 'Q';
    }
    return text;
  }

  static constexpr const char* kId = "host_0123";
  const std::string digest_ = std::string(kFileDigestBytes, 'x');
  fakes::SimulatedLoop loop_;
  fakes::FakeNetwork network_{loop_};
  std::unique_ptr<proto::WorkerTransport> transport_ = network_.connect(kId);
  fakes::FakeUserLoop users_{loop_, {"Shop", "Admin"}};
  log::Remembered logs_;
  std::vector<Duration> endings_;
  std::vector<Duration> stop_timeouts_;
  std::uint64_t throttled_periods_ = 1000;
  std::optional<int> exit_code_;
  int times_finished_ = 0;
  std::vector<Received> received_;
  Worker worker_{
      loop_,
      *transport_,
      users_,
      {.client_id = kId,
       .master_address = "127.0.0.1:5557",
       .host = std::nullopt,
       .throttled_periods = [this] { return throttled_periods_; },
       .additional_wait = {},
       .logs = [this] { return logs_; },
       .user_classes = {{.name = "Shop", .weight = 3, .fixed_count = 0, .host = {}, .tasks = {}}},
       .files = {{"shop.yaml", digest_}}},
      *this};

 private:
  void stop_timeout_set(Duration timeout) override { stop_timeouts_.push_back(timeout); }
  void ending(Duration within) override { endings_.push_back(within); }
  void finished(int code) override {
    exit_code_ = code;
    ++times_finished_;
  }
};

}  // namespace locust::worker
