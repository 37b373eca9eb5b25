// A TargetServer on a loopback port and clients of it, all in the test's own thread and in
// simulated time: whoever waits for bytes turns the server's loop meanwhile.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "common/base/event_loop.h"
#include "tests/fakes/simulated_loop.h"
#include "tests/target/server.h"

namespace locust {

struct TargetResponse {
  int status = 0;  // 0: the connection ended before a whole response
  std::string head;
  std::string body;

  bool has_header(std::string_view line) const {
    return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
  }
  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

// One connection.
class TargetClient final {
 public:
  explicit TargetClient(EventLoop& loop, std::uint16_t port);
  ~TargetClient();
  TargetClient(const TargetClient&) = delete;
  TargetClient& operator=(const TargetClient&) = delete;

  // False if the server has closed the connection.
  bool send(std::string_view bytes);
  TargetResponse receive(bool has_body = true);
  TargetResponse request(std::string_view method, std::string_view target,
                         std::string_view headers = {}, std::string_view body = {});
  TargetResponse get(std::string_view target, std::string_view headers = {}) {
    return request("GET", target, headers);
  }

  // Turns the server's loop a few times, although nothing is expected to come; true if nothing did.
  bool stays_silent();
  // Waits for the end; false if there is none. `last_error` then tells a reset from a close.
  bool is_closed();
  int last_error() const { return last_error_; }
  void close();
  void close_with_reset();

 private:
  void read_available();
  bool wait_for(const std::function<bool()>& condition);
  std::string take(std::size_t size);
  bool take_chunked_body(std::string& body);

  EventLoop& loop_;
  int fd_;
  std::string received_;
  bool ended_ = false;
  int last_error_ = 0;
};

class TargetTest : public testing::Test {
 protected:
  TargetTest() {
    const auto address = server_.listen("127.0.0.1", 0);
    EXPECT_TRUE(address.ok()) << address.error();
    EXPECT_EQ(*address, "127.0.0.1:" + std::to_string(server_.port()));
  }

  nlohmann::json counts() { return TargetClient(loop_, server_.port()).get("/_counts").json(); }
  // Logs in; returns the header that proves it.
  std::string log_in(std::string_view email = "a@example.com") {
    const std::string body =
        nlohmann::json{{"email", std::string(email)}, {"password", "secret"}}.dump();
    const TargetResponse response =
        TargetClient(loop_, server_.port()).request("POST", "/api/auth/login", {}, body);
    return "Authorization: Bearer " + response.json().value("token", "none") + "\r\n";
  }
  void turn(int times = 20) {
    for (int i = 0; i < times; ++i) loop_.run_once(Duration::zero());
  }

  fakes::ManualClock clock_;
  EventLoop loop_{clock_};
  TargetServer server_{loop_};
};

}  // namespace locust
