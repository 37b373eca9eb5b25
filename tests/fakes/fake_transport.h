// A network in simulated time: any number of workers connected to one master, with the faults of
// real networks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/scheduler.h"
#include "proto/transport.h"

namespace locust::fakes {

enum class Direction { kToMaster, kToWorker };

// Behaves like ROUTER and DEALER over TCP: FIFO per worker and direction; a worker's messages wait
// while no master listens; the master's messages to a worker that is not connected are dropped;
// messages in flight when a connection breaks are lost; of two connections with one identity the
// newer one receives the messages. Everything runs on `loop`; a message never arrives within the
// send.
class FakeNetwork {
 public:
  // May change (corrupt) the message; returns false to lose it. Called when it is sent.
  using Filter =
      std::function<bool(Direction direction, const std::string& identity, std::string& payload)>;

  // A message as it was sent, after the filter.
  struct Record {
    TimePoint at;
    Direction direction;
    std::string identity;
    std::string payload;
  };

  // `loop` must outlive the network and must not be used afterwards.
  explicit FakeNetwork(Scheduler& loop, Duration latency = std::chrono::milliseconds(1))
      : net_(std::make_shared<Net>(loop, latency)), master_(net_) {}

  proto::MasterTransport& master() { return master_; }

  // A worker's transport, connected immediately if the link of this identity is up. Its destructor
  // closes the connection; sent messages still arrive.
  std::unique_ptr<proto::WorkerTransport> connect(const std::string& identity,
                                                  const std::string& address = "10.0.0.1") {
    return std::make_unique<Worker>(net_, identity, address);
  }

  // Breaks the worker's connection (messages in flight are lost) or restores it.
  void set_link_up(const std::string& identity, bool up) {
    Link& link = net_->links[identity];
    if (link.up == up) return;
    link.up = up;
    ++link.epoch;
    if (up && link.worker != nullptr) link.worker->renew();
    if (up) net_->flush(identity);
  }

  // While the master is down, workers' messages wait and its own are dropped.
  void set_master_up(bool up) {
    net_->master_up = up;
    for (auto& [identity, link] : net_->links) {
      ++link.epoch;
      if (up) net_->flush(identity);
    }
  }

  // A master that is behind has never read all arrived messages.
  void set_master_behind(bool behind) { net_->master_behind = behind; }

  // An additional delay of each message of this worker, in both directions, from now on.
  void set_delay(const std::string& identity, Duration delay) {
    net_->links[identity].delay = delay;
  }

  void set_filter(Filter filter) { net_->filter = std::move(filter); }

  // Everything sent so far.
  const std::vector<Record>& wire() const { return net_->wire; }
  void clear_wire() { net_->wire.clear(); }

  // How often the worker has called reconnect().
  int reconnects(const std::string& identity) const { return net_->links[identity].reconnects; }

 private:
  class Worker;

  struct Link {
    bool up = true;
    Duration delay{};
    int epoch = 0;  // messages of an older one are lost
    int reconnects = 0;
    TimePoint last_arrival[2];  // by direction: keeps the order when the delay shrinks
    Worker* worker = nullptr;
  };

  struct Net : std::enable_shared_from_this<Net> {
    Net(Scheduler& scheduler, Duration d) : loop(scheduler), latency(d) {}

    // Sends one message. `watched` lives as long as the message.
    void transmit(Direction direction, const std::string& identity, std::string payload,
                  const proto::Connection& by = {}, std::shared_ptr<const void> watched = {}) {
      if (filter && !filter(direction, identity, payload)) return;
      wire.push_back({loop.clock().now(), direction, identity, payload});
      Link& link = links[identity];
      TimePoint& last = link.last_arrival[direction == Direction::kToMaster ? 0 : 1];
      last = std::max(last, loop.clock().now() + latency + link.delay);
      loop.call_at(last, [weak = weak_from_this(), direction, identity, epoch = link.epoch,
                          payload = std::move(payload), by, watched = std::move(watched)] {
        if (const auto net = weak.lock()) net->arrive(direction, identity, epoch, payload, by);
      });
    }

    void arrive(Direction direction, const std::string& identity, int epoch,
                const std::string& payload, const proto::Connection& by) {
      Link& link = links[identity];
      if (link.epoch != epoch) return;
      if (direction == Direction::kToMaster) {
        connection = by;
        if (payload.empty()) {
          if (on_master_error) on_master_error(identity, "empty message");
        } else if (on_master_message) {
          on_master_message(identity, payload);
        }
      } else if (link.worker != nullptr) {
        link.worker->deliver(payload);
      }
    }

    bool connected(const Link& link) const { return link.up && master_up; }
    void flush(const std::string& identity) {
      Worker* worker = links[identity].worker;
      if (worker == nullptr) return;
      if (connected(links[identity])) worker->connected();
      worker->flush();
    }

    Scheduler& loop;
    Duration latency;
    Filter filter;
    bool master_up = true;
    bool master_behind = false;
    std::map<std::string, Link> links;
    std::vector<Record> wire;
    std::uint64_t last_number = 0;  // of a connection
    proto::Connection connection;   // that brought the last message to the master
    proto::MasterTransport::MessageHandler on_master_message;
    proto::MasterTransport::ErrorHandler on_master_error;
  };

  class Master final : public proto::MasterTransport {
   public:
    explicit Master(std::shared_ptr<Net> net) : net_(std::move(net)) {}
    void on_message(MessageHandler handler) override {
      net_->on_master_message = std::move(handler);
    }
    void on_error(ErrorHandler handler) override { net_->on_master_error = std::move(handler); }
    void send(std::string_view identity, std::string payload) override {
      (void)send_watched(identity, std::move(payload));
    }
    // A message takes memory until it arrives.
    std::weak_ptr<const void> send_watched(std::string_view identity,
                                           std::string payload) override {
      const auto it = net_->links.find(std::string(identity));
      if (it == net_->links.end() || it->second.worker == nullptr) return {};
      if (!net_->connected(it->second) || it->second.worker->reconnecting()) return {};
      auto watched = std::make_shared<const int>(0);
      const std::weak_ptr<const void> watch = watched;
      net_->transmit(Direction::kToWorker, it->first, std::move(payload), {}, std::move(watched));
      return watch;
    }
    const proto::Connection& connection() const override { return net_->connection; }
    bool caught_up() override { return !net_->master_behind; }

   private:
    std::shared_ptr<Net> net_;
  };

  class Worker final : public proto::WorkerTransport {
   public:
    Worker(std::shared_ptr<Net> net, std::string identity, std::string address)
        : net_(std::move(net)),
          identity_(std::move(identity)),
          connection_{++net_->last_number, std::move(address)} {
      net_->links[identity_].worker = this;
    }
    ~Worker() override {
      Link& link = net_->links[identity_];
      if (link.worker == this) link.worker = nullptr;
    }
    void on_message(MessageHandler handler) override { on_message_ = std::move(handler); }
    void on_error(ErrorHandler handler) override { on_error_ = std::move(handler); }
    void on_connected(std::function<void()> handler) override {
      on_connected_ = std::move(handler);
    }
    void renew() { connection_.number = ++net_->last_number; }
    void connected() {
      if (on_connected_) on_connected_();
    }

    Result<void> send(std::string payload) override {
      if (waiting_.empty() && can_transmit()) {
        net_->transmit(Direction::kToMaster, identity_, std::move(payload), connection_);
        return {};
      }
      if (waiting_.size() >= 1000) return Error{"the send queue is full"};
      waiting_.push_back(std::move(payload));
      return {};
    }

    Result<void> send_unless_waiting(std::string payload) override {
      if (!waiting_.empty() && waiting_.back() == payload) return {};
      return send(std::move(payload));
    }

    void reconnect() override {
      if (reconnecting_) return;
      reconnecting_ = true;
      ++net_->links[identity_].reconnects;
      net_->loop.call_after(2 * net_->latency, [this, alive = std::weak_ptr(alive_)] {
        if (alive.expired()) return;
        reconnecting_ = false;
        flush();
      });
    }

    bool reconnecting() const { return reconnecting_; }

    void deliver(const std::string& payload) {
      if (reconnecting_) return;
      if (payload.empty()) {
        if (on_error_) on_error_("empty message");
      } else if (on_message_) {
        on_message_(payload);
      }
    }

    void flush() {
      while (!waiting_.empty() && can_transmit()) {
        std::string payload = std::move(waiting_.front());
        waiting_.pop_front();
        net_->transmit(Direction::kToMaster, identity_, std::move(payload), connection_);
      }
    }

   private:
    bool can_transmit() const { return !reconnecting_ && net_->connected(net_->links[identity_]); }

    std::shared_ptr<Net> net_;
    std::string identity_;
    proto::Connection connection_;
    MessageHandler on_message_;
    ErrorHandler on_error_;
    std::function<void()> on_connected_;
    std::deque<std::string> waiting_;
    bool reconnecting_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  };

  std::shared_ptr<Net> net_;
  Master master_;
};

}  // namespace locust::fakes
