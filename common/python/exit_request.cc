#include "common/python/exit_request.h"

#include <utility>

namespace locust::python {
namespace {

struct ExitRequest {
  bool made = false;
  std::optional<int> code;
  std::function<void()> handler;
};

// Of this process, like the interpreter.
ExitRequest& the_request() {
  static ExitRequest instance;
  return instance;
}

}  // namespace

void request_exit(std::optional<int> code) {
  ExitRequest& made = the_request();
  if (!made.code) made.code = code;
  if (!std::exchange(made.made, true) && made.handler) made.handler();
}

bool exit_requested() { return the_request().made; }

std::optional<int> requested_exit_code() { return the_request().code; }

void on_exit_request(std::function<void()> handler) {
  the_request().handler = std::move(handler);
  if (the_request().made && the_request().handler) the_request().handler();
}

}  // namespace locust::python
