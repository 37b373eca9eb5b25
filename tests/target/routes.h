// The sample server's routes: a small shop, and one route for each way a server can behave.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/target/counts.h"
#include "tests/target/reply.h"
#include "tests/target/request.h"

namespace locust {

// Answers requests. Holds no connection and never waits, so it is one object for all connections of
// a server, used on its loop's thread.
class TargetRoutes final {
 public:
  TargetRoutes();

  // Fills `reply` and counts the request.
  void handle(const TargetRequest& request, TargetReply& reply);

  TargetCounts& counts() { return counts_; }

 private:
  using Handler = void (TargetRoutes::*)(const TargetRequest& request, std::string_view parameter,
                                         TargetReply& reply);

  // `pattern` is an exact path, or a folder and "{…}" for one segment below it, which becomes the
  // handler's `parameter`.
  struct Route {
    std::string_view pattern;
    std::string_view method;  // empty: any. GET includes HEAD
    Handler handler;
    bool needs_login = false;
    bool is_counted = true;
  };

  static std::span<const Route> table();
  static std::vector<std::string_view> patterns();
  static bool matches(const Route& route, const TargetRequest& request,
                      std::string_view& parameter);

  // routes_shop.cc
  void root(const TargetRequest&, std::string_view, TargetReply&);
  void products(const TargetRequest&, std::string_view, TargetReply&);
  void product(const TargetRequest&, std::string_view, TargetReply&);
  void cart(const TargetRequest&, std::string_view, TargetReply&);
  void login(const TargetRequest&, std::string_view, TargetReply&);
  void logout(const TargetRequest&, std::string_view, TargetReply&);
  void dashboard(const TargetRequest&, std::string_view, TargetReply&);
  void orders(const TargetRequest&, std::string_view, TargetReply&);
  void order(const TargetRequest&, std::string_view, TargetReply&);
  void profile(const TargetRequest&, std::string_view, TargetReply&);
  void append_order(std::uint32_t id);
  std::string* session(const TargetRequest& request);
  void bad_request(TargetReply& reply, std::string_view problem);

  // routes_http.cc
  void slow(const TargetRequest&, std::string_view, TargetReply&);
  void fail(const TargetRequest&, std::string_view, TargetReply&);
  void status(const TargetRequest&, std::string_view, TargetReply&);
  void bytes(const TargetRequest&, std::string_view, TargetReply&);
  void chunked(const TargetRequest&, std::string_view, TargetReply&);
  void close(const TargetRequest&, std::string_view, TargetReply&);
  void abort(const TargetRequest&, std::string_view, TargetReply&);
  void reset(const TargetRequest&, std::string_view, TargetReply&);
  void redirect(const TargetRequest&, std::string_view, TargetReply&);
  void redirect_to(const TargetRequest&, std::string_view, TargetReply&);
  void set_cookies(const TargetRequest&, std::string_view, TargetReply&);
  void cookies(const TargetRequest&, std::string_view, TargetReply&);
  void echo(const TargetRequest&, std::string_view, TargetReply&);
  void gzip(const TargetRequest&, std::string_view, TargetReply&);
  void show_counts(const TargetRequest&, std::string_view, TargetReply&);
  void reset_counts(const TargetRequest&, std::string_view, TargetReply&);
  void not_found(const TargetRequest&, std::string_view, TargetReply&);

  TargetCounts counts_;
  // Who is logged in: a token holds an index into this; empty where that session was logged out.
  std::vector<std::string> session_emails_;
  std::string body_;  // of the response being rendered; kept for its capacity

  const TargetPage root_page_;
  const TargetPage products_page_;
  const TargetPage dashboard_page_;
  const TargetPage logged_out_page_;
  const TargetPage unauthorized_page_;
  const TargetPage not_found_page_;
  const TargetPage failed_page_;
  const TargetPage plain_page_;
  const TargetPage gzip_page_;
};

}  // namespace locust
