#include "common/python/exit_request.h"

#include <utility>

#include "common/python/process_state.h"

namespace locust::python {
void request_exit(std::optional<int> code) {
  ProcessState::ExitRequest& made = process_state().exit_request;
  if (!made.code) made.code = code;
  if (!std::exchange(made.made, true) && made.handler) made.handler();
}

bool exit_requested() { return process_state().exit_request.made; }

std::optional<int> requested_exit_code() { return process_state().exit_request.code; }

void on_exit_request(std::function<void()> handler) {
  ProcessState::ExitRequest& request = process_state().exit_request;
  request.handler = std::move(handler);
  if (request.made && request.handler) request.handler();
}

}  // namespace locust::python
