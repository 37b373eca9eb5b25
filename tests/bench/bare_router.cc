// bench_bare_router: the least that a master does over libzmq: one ROUTER socket that reads what
// workers send, throws it away unread, acknowledges and spawns users once, and sends each worker
// a reply a second. What it costs is the floor of any master that keeps Locust's transport;
// tests/bench/master_load.py puts locust-master and stock's beside it. Ends on SIGINT.
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>
#include <zmq.hpp>

#include "common/base/clock.h"
#include "common/base/sysinfo.h"
#include "proto/codec.h"

namespace locust::bench {
namespace {

constexpr Duration kHeartbeat = std::chrono::seconds(1);
// As long as locust-master waits for more to read at once (proto/router.cc).
constexpr Duration kRest = std::chrono::milliseconds(25);
constexpr int kReceiveHighWaterMark = 64;

volatile std::sig_atomic_t interrupted = 0;

struct Options {
  int port = 5557;
  std::size_t workers = 100;
  std::int64_t users = 200;  // of each worker
};

class BareRouter {
 public:
  explicit BareRouter(const Options& options) : options_(options) {
    socket_.set(zmq::sockopt::rcvhwm, kReceiveHighWaterMark);
    socket_.set(zmq::sockopt::linger, 5000);
    socket_.bind("tcp://127.0.0.1:" + std::to_string(options.port));
  }

  void run() {
    TimePoint next_reply = clock_.now() + kHeartbeat;
    while (interrupted == 0) {
      read();
      if (clock_.now() >= next_reply) {
        next_reply += kHeartbeat;
        tell_all(proto::HeartbeatReply{});
      }
      std::this_thread::sleep_for(kRest);  // real-time
    }
    tell_all(proto::Quit{});
  }

 private:
  void read() {
    zmq::message_t sender;
    zmq::message_t payload;
    while (socket_.recv(sender, zmq::recv_flags::dontwait)) {
      (void)socket_.recv(payload);
      if (workers_.size() < options_.workers) greet(sender.to_string());
    }
  }

  void greet(std::string worker) {
    if (!known_.insert(worker).second) return;
    proto::Ack ack;
    ack.index = static_cast<std::int64_t>(workers_.size());
    send(worker, proto::encode({std::move(ack), worker}));
    workers_.push_back(std::move(worker));
    if (workers_.size() < options_.workers) return;
    proto::Spawn spawn;
    spawn.user_classes_count = {{"Shop", options_.users}};
    tell_all(std::move(spawn));
    std::puts("All users spawned");
    std::fflush(stdout);
  }

  void tell_all(const proto::Payload& payload) {
    for (const std::string& worker : workers_) send(worker, proto::encode({payload, worker}));
  }

  void send(const std::string& worker, const std::string& bytes) {
    (void)socket_.send(zmq::buffer(worker), zmq::send_flags::dontwait | zmq::send_flags::sndmore);
    (void)socket_.send(zmq::buffer(bytes), zmq::send_flags::dontwait);
  }

  const Options options_;
  const SystemClock clock_;
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::router};
  std::vector<std::string> workers_;
  std::unordered_set<std::string> known_;
};

}  // namespace
}  // namespace locust::bench

int main(int argc, char** argv) {
  locust::bench::Options options;
  CLI::App app("Reads what workers send and throws it away: the floor of a master over libzmq.");
  app.add_option("--port", options.port, "to listen on, on this machine")->capture_default_str();
  app.add_option("--workers", options.workers)->capture_default_str();
  app.add_option("--users", options.users, "of each worker")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  locust::raise_open_file_limit();
  std::signal(SIGINT, [](int) { locust::bench::interrupted = 1; });
  locust::bench::BareRouter(options).run();
  return 0;
}
