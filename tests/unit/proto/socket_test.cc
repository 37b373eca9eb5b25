#include "proto/socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "proto/value.h"

namespace locust::proto {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Real sockets on the loopback interface, and a loop that is turned until something is seen.
class SocketTest : public testing::Test {
 protected:
  struct Received {
    std::string identity;
    std::string payload;
  };

  std::unique_ptr<Router> bind(const std::string& host = "127.0.0.1", int port = 0) {
    auto router = Router::bind(loop_, host, port);
    EXPECT_TRUE(router.ok()) << router.error();
    if (!router.ok()) return nullptr;
    (*router)->on_message([this](std::string_view identity, std::string_view payload) {
      at_master_.push_back({std::string(identity), std::string(payload)});
    });
    (*router)->on_error([this](const std::string& identity, const std::string& what) {
      master_errors_.push_back(identity + ": " + what);
    });
    return std::move(*router);
  }

  std::unique_ptr<Dealer> connect(int port, const std::string& host = "127.0.0.1",
                                  const std::string& identity = "host_1") {
    auto dealer = Dealer::connect(loop_, host, port, identity);
    EXPECT_TRUE(dealer.ok()) << dealer.error();
    if (!dealer.ok()) return nullptr;
    (*dealer)->on_message([this](std::string_view payload) { at_worker_.emplace_back(payload); });
    (*dealer)->on_error([this](const std::string& what) { worker_errors_.push_back(what); });
    return std::move(*dealer);
  }

  // A plain ZeroMQ peer that may do everything wrong.
  zmq::socket_t raw_peer(zmq::socket_type type, int port, const std::string& identity) {
    zmq::socket_t peer(context_, type);
    if (!identity.empty()) peer.set(zmq::sockopt::routing_id, identity);
    peer.set(zmq::sockopt::linger, 0);
    peer.connect("tcp://127.0.0.1:" + std::to_string(port));
    return peer;
  }

  static void send_frames(zmq::socket_t& peer, const std::vector<std::string>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      peer.send(zmq::buffer(frames[i]),
                i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
  }

  // False if `condition` does not come true in time.
  bool run_until(const std::function<bool()>& condition,
                 Duration limit = std::chrono::seconds(10)) {
    const TimePoint deadline = clock_.now() + limit;
    while (!condition()) {
      if (clock_.now() >= deadline) return false;
      loop_.run_once(std::chrono::milliseconds(20));
    }
    return true;
  }
  bool run_until_received(std::size_t count) {
    return run_until([&] { return at_master_.size() >= count; });
  }
  // What else arrives is seen within this time.
  void settle() {
    run_until([] { return false; }, std::chrono::milliseconds(100));
  }

  std::vector<std::string> payloads() const {
    std::vector<std::string> payloads;
    for (const Received& received : at_master_) payloads.push_back(received.payload);
    return payloads;
  }

  static bool has_ipv6() {
    zmq::context_t context;
    zmq::socket_t socket(context, zmq::socket_type::router);
    socket.set(zmq::sockopt::ipv6, 1);
    return zmq_bind(socket.handle(), "tcp://[::1]:*") == 0;
  }

  static bool localhost_is_ipv6() {
    addrinfo hints{};
    hints.ai_family = AF_INET6;
    addrinfo* found = nullptr;
    if (::getaddrinfo("localhost", nullptr, &hints, &found) != 0) return false;
    ::freeaddrinfo(found);
    return true;
  }

  SystemClock clock_;
  EventLoop loop_{clock_};
  zmq::context_t context_;
  std::vector<Received> at_master_;
  std::vector<std::string> at_worker_;
  std::vector<std::string> master_errors_;
  std::vector<std::string> worker_errors_;
};

TEST_F(SocketTest, MessagesTravelBothWaysUnderTheWorkersIdentity) {
  const auto router = bind();
  const auto dealer = connect(router->port(), "127.0.0.1", "wörker_1");
  ASSERT_TRUE(dealer->send("hello").ok());
  ASSERT_TRUE(run_until_received(1));
  EXPECT_EQ(at_master_[0].identity, "wörker_1");
  EXPECT_EQ(at_master_[0].payload, "hello");

  router->send("wörker_1", "welcome");
  router->send("nobody", "dropped without error");
  ASSERT_TRUE(run_until([&] { return !at_worker_.empty(); }));
  EXPECT_THAT(at_worker_, ElementsAre("welcome"));
  EXPECT_TRUE(master_errors_.empty());
}

TEST_F(SocketTest, AWorkerMayStartBeforeItsMasterAndRepeatsItselfOnlyOnce) {
  const int port = bind()->port();
  const auto dealer = connect(port);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(dealer->send_unless_waiting("client_ready").ok());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(dealer->send("more").ok());
  settle();
  const auto router = bind("127.0.0.1", port);
  ASSERT_TRUE(run_until_received(3));
  settle();
  EXPECT_THAT(payloads(), ElementsAre("client_ready", "more", "more"));
}

TEST_F(SocketTest, TheWorkersQueueIsBounded) {
  const int port = bind()->port();
  const auto dealer = connect(port);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(dealer->send(std::to_string(i)).ok());
  const auto refused = dealer->send("one too many");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error(), "the send queue is full");
}

TEST_F(SocketTest, AWorkerTriesTheAddressesOfBothFamilies) {
  {
    const auto router = bind("127.0.0.1");
    const auto dealer = connect(router->port(), "localhost");
    ASSERT_TRUE(dealer->send("by IPv4").ok());
    ASSERT_TRUE(run_until_received(1));
  }
  if (!has_ipv6() || !localhost_is_ipv6()) GTEST_SKIP() << "localhost is not ::1 here";
  const auto router = bind("::1");
  const auto dealer = connect(router->port(), "localhost");
  ASSERT_TRUE(dealer->send("by IPv6").ok());
  ASSERT_TRUE(run_until_received(2));
  EXPECT_THAT(payloads(), ElementsAre("by IPv4", "by IPv6"));
}

TEST_F(SocketTest, AWorkerThatGoesThroughItsAddressesFindsAMasterThatComesLate) {
  const int port = bind()->port();
  const auto dealer = connect(port, "localhost");
  ASSERT_TRUE(dealer->send("client_ready").ok());
  run_until([] { return false; }, std::chrono::milliseconds(700));  // several attempts
  const auto router = bind("127.0.0.1", port);
  ASSERT_TRUE(run_until_received(1));
  EXPECT_TRUE(worker_errors_.empty());
}

TEST_F(SocketTest, AnyAddressAcceptsIpv4AndIpv6) {
  const auto router = bind("*");
  const auto ipv4 = connect(router->port(), "127.0.0.1", "four");
  ASSERT_TRUE(ipv4->send("x").ok());
  ASSERT_TRUE(run_until_received(1));
  if (!has_ipv6()) GTEST_SKIP() << "this machine has no IPv6";
  const auto ipv6 = connect(router->port(), "[::1]", "six");
  ASSERT_TRUE(ipv6->send("x").ok());
  ASSERT_TRUE(run_until_received(2));
  EXPECT_EQ(at_master_[1].identity, "six");
}

TEST_F(SocketTest, AMasterOnANameListensOnAllItsAddresses) {
  const auto router = bind("localhost");
  const auto dealer = connect(router->port(), "127.0.0.1");
  ASSERT_TRUE(dealer->send("x").ok());
  ASSERT_TRUE(run_until_received(1));
}

TEST_F(SocketTest, ASecondMasterOnThePortFailsWithStocksLine) {
  const auto router = bind("127.0.0.1");
  const std::string port = std::to_string(router->port());
  const auto second = Router::bind(loop_, "127.0.0.1", router->port());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error(),
            "The Locust master port (127.0.0.1:" + port +
                ") was busy. Close any applications using that port - perhaps an old instance of "
                "Locust master is still running? - or choose another one with --master-bind-port. "
                "(Socket bind failure: Address already in use)");
  const auto any = Router::bind(loop_, "*", router->port());
  ASSERT_FALSE(any.ok());
  EXPECT_THAT(any.error(), HasSubstr("master port (" + port + ") was busy"));
}

TEST_F(SocketTest, ImpossibleAddressesAreErrors) {
  EXPECT_THAT(Router::bind(loop_, "192.0.2.7", 5557).error(),
              HasSubstr("Socket bind failure: Cannot assign requested address "
                        "(addr='tcp://192.0.2.7:5557')"));
  EXPECT_THAT(Router::bind(loop_, "no such host", 0).error(), HasSubstr("Socket bind failure: "));
  EXPECT_EQ(Router::bind(loop_, "*", 65536).error(), "Socket bind failure: 65536 is not a port");
  EXPECT_EQ(Dealer::connect(loop_, "127.0.0.1", 0, "a").error(), "0 is not a port");
  EXPECT_EQ(Dealer::connect(loop_, "", 5557, "a").error(), "the master's host name is empty");
  EXPECT_THAT(Dealer::connect(loop_, "a b", 5557, "").error(), HasSubstr("not a ZeroMQ identity"));
  EXPECT_THAT(Dealer::connect(loop_, "127.0.0.1", 5557, std::string(256, 'x')).error(),
              HasSubstr("not a ZeroMQ identity"));
}

TEST_F(SocketTest, AMasterSurvivesPeersThatBreakTheFraming) {
  const auto router = bind();
  auto req = raw_peer(zmq::socket_type::req, router->port(), "req");
  send_frames(req, {"delimited"});
  auto many = raw_peer(zmq::socket_type::dealer, router->port(), "many");
  send_frames(many, {"payload", "and", "more"});
  auto empty = raw_peer(zmq::socket_type::dealer, router->port(), "empty");
  send_frames(empty, {""});
  auto latin = raw_peer(zmq::socket_type::dealer, router->port(), "caf\xe9");
  send_frames(latin, {"x"});
  auto steering = raw_peer(zmq::socket_type::dealer, router->port(), "a\x1b[2J");
  send_frames(steering, {"x"});
  auto nameless = raw_peer(zmq::socket_type::dealer, router->port(), "");
  send_frames(nameless, {"x"});
  auto large = raw_peer(zmq::socket_type::dealer, router->port(), "large");
  send_frames(large, {std::string(Limits{}.max_bytes + 1, 'x')});

  ASSERT_TRUE(run_until([&] { return master_errors_.size() >= 7; }));
  EXPECT_THAT(
      master_errors_,
      testing::UnorderedElementsAre(
          "req: a message of more than one frame", "many: a message of more than one frame",
          "empty: an empty message", "caf\ufffd: a message from a peer whose identity is not UTF-8",
          "a\x1b[2J: a message from a peer whose identity has control characters",
          ": a message from a peer without an identity", "large: a message above the size limit"));
  EXPECT_TRUE(at_master_.empty());

  send_frames(many, {"in order"});
  ASSERT_TRUE(run_until_received(1));
  EXPECT_EQ(at_master_[0].identity, "many");
}

// The old one may be dead on the worker's side only.
TEST_F(SocketTest, ANewConnectionTakesOverTheIdentityAndNothingIsLost) {
  const auto router = bind();
  std::vector<std::uint64_t> numbers;
  router->on_message([&](std::string_view identity, std::string_view payload) {
    at_master_.push_back({std::string(identity), std::string(payload)});
    numbers.push_back(router->connection().number);
    EXPECT_EQ(router->connection().address, "127.0.0.1");
  });
  const auto old = connect(router->port());
  ASSERT_TRUE(old->send("one").ok());
  ASSERT_TRUE(run_until_received(1));
  zmq::socket_t renewed = raw_peer(zmq::socket_type::dealer, router->port(), "host_1");
  send_frames(renewed, {"two"});
  ASSERT_TRUE(run_until_received(2));
  EXPECT_EQ(at_master_[1].identity, "host_1");
  EXPECT_NE(numbers[0], 0U);
  EXPECT_NE(numbers[0], numbers[1]);
  router->send("host_1", "to the new one");
  zmq::message_t got;
  ASSERT_TRUE(run_until([&] { return renewed.recv(got, zmq::recv_flags::dontwait).has_value(); }));
  EXPECT_EQ(got.to_string(), "to the new one");
}

TEST_F(SocketTest, AWatchedMessageIsKnownToBeOut) {
  const auto router = bind();
  EXPECT_TRUE(router->send_watched("nobody", std::string(1000, 'x')).expired());
  const auto worker = connect(router->port());
  ASSERT_TRUE(worker->send("hello").ok());
  ASSERT_TRUE(run_until_received(1));
  const auto watch = router->send_watched("host_1", std::string(std::size_t{8} << 20, 'x'));
  ASSERT_TRUE(run_until([&] { return at_worker_.size() == 1 && watch.expired(); }));
  EXPECT_EQ(at_worker_[0].size(), std::size_t{8} << 20);
}

TEST_F(SocketTest, AWorkerSurvivesAMasterThatBreaksTheFraming) {
  zmq::socket_t master(context_, zmq::socket_type::router);
  master.bind("tcp://127.0.0.1:*");
  const std::string endpoint = master.get(zmq::sockopt::last_endpoint);
  const auto dealer = connect(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
  ASSERT_TRUE(dealer->send("hello").ok());
  zmq::message_t frame;
  ASSERT_TRUE(run_until([&] { return master.recv(frame, zmq::recv_flags::dontwait).has_value(); }));

  send_frames(master, {"host_1", "two", "frames"});
  send_frames(master, {"host_1", ""});
  send_frames(master, {"host_1", "fine"});
  ASSERT_TRUE(run_until([&] { return !at_worker_.empty(); }));
  EXPECT_THAT(at_worker_, ElementsAre("fine"));
  EXPECT_THAT(worker_errors_, ElementsAre("a message of more than one frame from the master",
                                          "an empty message from the master"));
}

TEST_F(SocketTest, ReconnectingLosesAndDoublesNothing) {
  const auto router = bind();
  const auto dealer = connect(router->port());
  std::vector<std::string> sent;
  const auto send_some = [&] {
    for (int i = 0; i < 20; ++i) {
      sent.push_back(std::to_string(sent.size()));
      ASSERT_TRUE(dealer->send(sent.back()).ok());
    }
  };
  for (int round = 0; round < 5; ++round) {
    send_some();
    ASSERT_TRUE(run_until_received(sent.size())) << "round " << round;
    send_some();
    dealer->reconnect();
    dealer->reconnect();
    send_some();
  }
  ASSERT_TRUE(run_until_received(sent.size()));
  settle();
  EXPECT_EQ(payloads(), sent);

  router->send("host_1", "found again");
  ASSERT_TRUE(run_until([&] { return !at_worker_.empty(); }));
}

TEST_F(SocketTest, AHandlerMayReconnect) {
  const auto router = bind();
  const auto dealer = connect(router->port());
  dealer->on_message([&](std::string_view payload) {
    at_worker_.emplace_back(payload);
    dealer->reconnect();
    ASSERT_TRUE(dealer->send("after").ok());
  });
  ASSERT_TRUE(dealer->send("before").ok());
  ASSERT_TRUE(run_until_received(1));
  router->send("host_1", "reconnect");
  ASSERT_TRUE(run_until_received(2));
  EXPECT_THAT(payloads(), ElementsAre("before", "after"));
}

TEST_F(SocketTest, AWorkersMessagesWaitForARestartedMaster) {
  auto router = bind();
  const int port = router->port();
  const auto dealer = connect(port);
  ASSERT_TRUE(dealer->send("first").ok());
  ASSERT_TRUE(run_until_received(1));
  router.reset();
  settle();
  ASSERT_TRUE(dealer->send("second").ok());
  settle();
  router = bind("127.0.0.1", port);
  ASSERT_TRUE(run_until_received(2));
  EXPECT_THAT(payloads(), ElementsAre("first", "second"));
}

TEST_F(SocketTest, WhatWasSentArrivesAlthoughTheWorkerIsGone) {
  const auto router = bind();
  auto dealer = connect(router->port());
  ASSERT_TRUE(dealer->send("hello").ok());
  ASSERT_TRUE(run_until_received(1));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(dealer->send("last words").ok());
  dealer.reset();
  EXPECT_TRUE(run_until_received(101));
}

TEST_F(SocketTest, WhatWaitsForAReconnectArrivesAlthoughTheWorkerIsGone) {
  const auto router = bind();
  std::thread worker([this, port = router->port()] {
    EventLoop loop(clock_);
    auto dealer = Dealer::connect(loop, "127.0.0.1", port, "host_1");
    (*dealer)->on_message([&](std::string_view) {
      (*dealer)->reconnect();
      (void)(*dealer)->send("last words");
      loop.stop();
    });
    (void)(*dealer)->send("hello");
    loop.run();
  });
  EXPECT_TRUE(run_until_received(1));
  router->send("host_1", "reconnect");
  EXPECT_TRUE(run_until_received(2));
  worker.join();
  EXPECT_THAT(payloads(), ElementsAre("hello", "last words"));
}

TEST_F(SocketTest, WhatWaitsForALostMasterReachesTheNextAlthoughTheWorkerIsGone) {
  auto router = bind();
  const int port = router->port();
  auto dealer = connect(port);
  ASSERT_TRUE(dealer->send("hello").ok());
  ASSERT_TRUE(run_until_received(1));
  router.reset();
  settle();
  ASSERT_TRUE(dealer->send("last words").ok());
  router = bind("127.0.0.1", port);
  dealer.reset();
  EXPECT_TRUE(run_until_received(2));
}

TEST_F(SocketTest, AMasterAtItsLimitOfConnectionsTakesNewOnesWhenOthersHaveGone) {
  auto router = Router::bind(loop_, "127.0.0.1", 0, 1);
  ASSERT_TRUE(router.ok());
  (*router)->on_message([this](std::string_view identity, std::string_view payload) {
    at_master_.push_back({std::string(identity), std::string(payload)});
  });
  auto first = connect((*router)->port(), "127.0.0.1", "first");
  ASSERT_TRUE(first->send("a").ok());
  ASSERT_TRUE(run_until_received(1));
  auto second = connect((*router)->port(), "127.0.0.1", "second");
  ASSERT_TRUE(second->send("b").ok());
  settle();
  ASSERT_TRUE(first->send("c").ok());
  ASSERT_TRUE(run_until_received(2));
  EXPECT_THAT(payloads(), ElementsAre("a", "c"));
  first.reset();
  ASSERT_TRUE(run_until_received(3));
  EXPECT_EQ(at_master_.back().identity, "second");
}

TEST_F(SocketTest, AWorkerWithoutMasterEndsAtOnce) {
  const int port = bind()->port();
  auto dealer = connect(port);
  ASSERT_TRUE(dealer->send("hello").ok());
  settle();
  const TimePoint begin = clock_.now();
  dealer.reset();
  EXPECT_LT(clock_.now() - begin, std::chrono::seconds(1));
}

TEST_F(SocketTest, AFloodStarvesNoTimer) {
  const auto router = bind();
  constexpr std::size_t kMessages = 20'000;
  auto flooder = raw_peer(zmq::socket_type::dealer, router->port(), "flooder");
  flooder.set(zmq::sockopt::sndhwm, 0);
  std::size_t turns_with_messages = 0;
  std::size_t largest_turn = 0;
  std::size_t before = 0;
  std::function<void()> each_turn = [&] {  // due again in the next turn, whatever arrives
    const std::size_t arrived = at_master_.size() - before;
    before = at_master_.size();
    largest_turn = std::max(largest_turn, arrived);
    if (arrived > 0) ++turns_with_messages;
    loop_.call_after(Duration::zero(), each_turn);
  };
  each_turn();
  for (std::size_t i = 0; i < kMessages; ++i) send_frames(flooder, {"stats"});
  ASSERT_TRUE(run_until_received(kMessages));
  EXPECT_LE(largest_turn, 64U);
  EXPECT_GE(turns_with_messages, kMessages / 64);
}

}  // namespace
}  // namespace locust::proto
