// The module _locust_worker: users, their clients, and what the runner of locust/runners.py does.
#pragma once

#include <functional>
#include <string>

#include "common/python/ref.h"
#include "proto/value.h"

namespace locust::worker {

// What Python code asks of the worker's control thread. Empty when that has gone. Guarded by the GIL.
struct WorkerRequests {
  std::function<void(const std::string& type)> register_message{};
  std::function<void(const std::string& type, proto::Value data)> send_message{};
  std::function<void()> stop_test{};
  std::function<void()> exit{};  // sys.exit() was called
};

// `requests` must outlive the interpreter's use. Before start_interpreter().
void add_worker_module(WorkerRequests& requests);

// Whether events.request had listeners when the loop began; LoopState has it from then on.
bool has_request_listeners();

}  // namespace locust::worker
