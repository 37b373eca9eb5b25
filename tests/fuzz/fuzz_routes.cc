// The routes on arbitrary requests, with --web-login and without: each is answered once, what is called
// JSON is JSON, and no header breaks out of its line.
//
// An input is lines: METHOD, target, headers as "name: value", an empty one; then comes the body.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "master/web/routes.h"
#include "tests/fakes/example_run.h"
#include "tests/fakes/simulated_loop.h"

namespace locust::master::web {
namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

// Does nothing, at once.
class IdleControl final : public RunControl {
 public:
  void swarm(SwarmForm form, std::function<void(SwarmReply)> reply) override {
    reply({.success = true, .message = form.host.value_or(""), .host = form.host});
  }
  void stop(std::function<void()> reply) override { reply(); }
  void reset_stats(std::function<void()> reply) override { reply(); }
  void update_user_class(proto::UpdateUserClass update,
                         std::function<void(Result<void>)> reply) override {
    reply(Error{update.user_class_name});
  }
  void worker_logs(std::function<void(WorkerLines)> reply) override {
    reply({{"w_1", std::make_shared<const std::vector<std::string>>(1, "a line")}});
  }
};

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

Request request_of(std::string_view input) {
  Request request;
  request.method = take_line(input);
  std::string_view target = take_line(input);
  const std::size_t end = std::min(target.find('?'), target.size());
  request.path = target.substr(0, end);
  if (end < target.size()) request.query = target.substr(end + 1);
  for (std::string_view line = take_line(input); !line.empty(); line = take_line(input)) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  request.body = input;
  request.peer = "127.0.0.1";
  return request;
}

void check_response(const Response& response) {
  check(response.status >= 200 && response.status < 600);
  check(response.body != nullptr);
  for (const auto& [name, value] : response.headers) {
    check(value.find_first_of("\r\n") == std::string::npos);
  }
  if (response.content_type == "application/json") check(nlohmann::json::accept(*response.body));
}

void check_routes(Routes& routes, const Request& request) {
  int answers = 0;
  routes.handle(request, [&answers](const Response& response) {
    check_response(response);
    ++answers;
  });
  check(answers == 1);
}

// Every request goes to both.
struct Sites {
  fakes::ManualClock clock;
  // Its password cannot be right, and is not hashed to find that out.
  Access access{clock, {{"ann", "no hash"}}, 8089};
  IdleControl control;
  Routes open{RouteOptions(), control, nullptr};
  Routes guarded{{.base_path = "/locust"}, control, &access};

  Sites() {
    const RunViewPtr view = fakes::ExampleRun().frozen();
    (void)open.show(view);
    (void)guarded.show(view);
  }
};

}  // namespace
}  // namespace locust::master::web

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace locust::master::web;
  static Sites sites;
  const Request request = request_of({reinterpret_cast<const char*>(data), size});
  check_routes(sites.open, request);
  check_routes(sites.guarded, request);
  return 0;
}
