// Who may speak for a worker, by whatever connection.
#include "master/cluster/connection_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

using proto::Connection;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr bool kSilent = true;
constexpr bool kHeard = false;

TEST(ConnectionGuard, OfAStockWorkerTheAddressMustBeTheSameUnlessItIsSilent) {
  ConnectionGuard guard("secret");
  guard.adopt({1, "10.0.0.1"});
  EXPECT_TRUE(guard.accepts({1, "10.0.0.1"}, {}, kHeard));
  EXPECT_FALSE(guard.accepts({2, "10.0.0.2"}, {}, kHeard));
  EXPECT_FALSE(guard.hold({2, "10.0.0.2"}, "x")) << "no proof will follow";
  EXPECT_TRUE(guard.accepts({3, "10.0.0.1"}, {}, kHeard));
  EXPECT_TRUE(guard.accepts({1, "10.0.0.1"}, {}, kHeard)) << "what it had sent before";
  EXPECT_FALSE(guard.accepts({2, "10.0.0.2"}, {}, kHeard));
  EXPECT_TRUE(guard.accepts({4, "10.0.0.2"}, {}, kSilent));
}

TEST(ConnectionGuard, AWorkerThatShowsTheSecretHasToShowItOnEachConnection) {
  ConnectionGuard guard("secret");
  guard.adopt({1, "10.0.0.1"});
  EXPECT_TRUE(guard.accepts({1, "10.0.0.1"}, "secret", kHeard));
  EXPECT_FALSE(guard.accepts({2, "10.0.0.1"}, {}, kSilent));
  EXPECT_FALSE(guard.accepts({2, "10.0.0.1"}, "guess", kSilent));
  EXPECT_TRUE(guard.accepts({3, "10.0.0.3"}, "secret", kHeard));
  EXPECT_TRUE(guard.accepts({3, "10.0.0.3"}, {}, kHeard));
}

TEST(ConnectionGuard, WhatComesBeforeTheSecretIsHeldAndBounded) {
  ConnectionGuard guard("secret");
  guard.adopt({1, ""});
  EXPECT_TRUE(guard.accepts({1, ""}, "secret", kHeard));
  EXPECT_TRUE(guard.hold({2, ""}, "a stranger's"));
  EXPECT_TRUE(guard.hold({3, ""}, "one"));
  EXPECT_TRUE(guard.hold({3, ""}, "two"));
  EXPECT_TRUE(guard.accepts({3, ""}, "secret", kHeard));
  EXPECT_THAT(guard.take_held(), ElementsAre("one", "two"));
  EXPECT_THAT(guard.take_held(), IsEmpty());
  EXPECT_FALSE(guard.hold({4, ""}, std::string(ConnectionGuard::kMaxHeldBytes + 1, 'x')));
  for (std::size_t i = 0; i < ConnectionGuard::kMaxHeld; ++i) EXPECT_TRUE(guard.hold({4, ""}, "x"));
  EXPECT_FALSE(guard.hold({4, ""}, "x"));
}

class TakenOverTest : public MasterTest {
 protected:
  // A peer that speaks for a worker by a connection of its own.
  struct Peer {
    std::unique_ptr<proto::WorkerTransport> transport;
    std::string id;
    std::string secret;

    void send(proto::Payload payload) {
      ASSERT_TRUE(transport->send(proto::encode({std::move(payload), id})).ok());
    }
    void heartbeat() {
      proto::Heartbeat message;
      message.state = "running";
      if (!secret.empty()) {
        message.extension = proto::HeartbeatExtension{.secret = secret};
      }
      send(message);
    }
  };
  std::unique_ptr<Peer> connect(const std::string& id, const std::string& address) {
    auto peer = std::make_unique<Peer>(Peer{network_.connect(id, address), id, {}});
    peer->transport->on_message([&peer = *peer](std::string_view payload) {
      auto message = proto::decode_from_master(payload);
      const auto* ack = message ? std::get_if<proto::Ack>(&message->payload) : nullptr;
      if (ack != nullptr) peer.secret = ack->secret;
    });
    return peer;
  }
  proto::Stats report(int requests) {
    RequestStats stats(loop_.clock().wall_time(), StatsRole::kWorker);
    for (int i = 0; i < requests; ++i) {
      stats.log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 1);
    }
    return {.report = stats.get_stripped_report(loop_.clock().wall_time()),
            .user_classes_count = {{"Shop", 1}},
            .user_count = 1,
            .extension = {},
            .extra = {}};
  }
  std::int64_t requests() { return master().stats().total().num_requests; }
  void pause() { loop_.advance(milliseconds(10)); }
};

TEST_F(TakenOverTest, ANativeWorkerIsKnownByItsSecretOnly) {
  master();
  auto worker = connect("a_1", "10.0.0.1");
  worker->send(proto::ClientReady{});
  pause();
  EXPECT_EQ(worker->secret.size(), 32U);
  worker->heartbeat();
  worker->send(report(0));
  pause();
  master().start(1, 1);
  pause();
  worker->send(proto::Spawning{});
  worker->send(report(1));
  pause();
  EXPECT_EQ(requests(), 1);

  auto impostor = connect("a_1", "10.0.0.1");
  impostor->send(report(100));
  impostor->heartbeat();
  impostor->send(proto::Quit{});
  pause();
  EXPECT_EQ(requests(), 1);
  EXPECT_EQ(master().registry().active_count(), 1U);

  auto again = connect("a_1", "10.0.0.2");
  again->secret = worker->secret;
  again->send(report(10));
  pause();
  EXPECT_EQ(requests(), 1);
  again->heartbeat();
  again->send(report(10));
  pause();
  EXPECT_EQ(requests(), 21);
}

TEST_F(TakenOverTest, AStockWorkerIsKnownByItsAddressUnlessItIsMissing) {
  master();
  auto worker = connect("a_1", "10.0.0.1");
  worker->send(proto::ClientReady{.version = "2.46.3"});
  pause();
  EXPECT_EQ(worker->secret, "");
  worker->heartbeat();
  worker->send(report(0));
  pause();
  master().start(1, 1);
  pause();
  worker->send(proto::Spawning{});
  auto impostor = connect("a_1", "10.0.0.2");
  impostor->send(report(100));
  pause();
  EXPECT_EQ(requests(), 0);
  auto again = connect("a_1", "10.0.0.1");
  again->heartbeat();
  again->send(report(10));
  pause();
  EXPECT_EQ(requests(), 10);
  loop_.advance(seconds(6));
  auto moved = connect("a_1", "10.0.0.3");
  moved->heartbeat();
  moved->send(report(10));
  pause();
  EXPECT_EQ(requests(), 20);
}

}  // namespace
}  // namespace locust::master
