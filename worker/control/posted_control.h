// PostedControl: forwards the requests of a program, on any thread, to its worker on the control
// thread.
#pragma once

#include <string>
#include <utility>

#include "common/base/event_loop.h"
#include "worker/control/worker.h"
#include "worker/program.h"

namespace locust::worker {

// Requests wait until `control` runs. Call attach() before. `control` must outlive it, and the
// worker must exist as long as `control` runs.
class PostedControl final : public WorkerControl {
 public:
  explicit PostedControl(EventLoop& control) : control_(control) {}

  void attach(Worker& worker) { worker_ = &worker; }

  void stop_test(std::string reason) override {
    control_.post([this, reason = std::move(reason)] { worker_->stop_test(reason); });
  }
  void exit() override {
    control_.post([this] { worker_->exit(); });
  }
  void send_message(const std::string& type, proto::Value data) override {
    control_.post([this, type, data = std::move(data)]() mutable {
      worker_->send_message(type, std::move(data));
    });
  }
  void register_message(const std::string& type) override {
    control_.post([this, type] { worker_->register_message(type); });
  }
  void set_stop_timeout(Duration timeout) override {
    control_.post([this, timeout] { worker_->set_stop_timeout(timeout); });
  }

 private:
  EventLoop& control_;
  Worker* worker_ = nullptr;
};

}  // namespace locust::worker
