// The sample server's routes: a small shop, and one route for each way a server can behave.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/target/counts.h"
#include "tests/target/reply.h"
#include "tests/target/request.h"

namespace locust {

// A number made to look like a token, and back; a number that nothing has for a text that is none.
std::string token_of(std::uint64_t number);
std::uint64_t number_of(std::string_view token);

// Answers requests. Holds no connection and never waits, so it is one object for all connections of
// a server, used on its loop's thread.
class TargetRoutes final {
 public:
  TargetRoutes();

  // Fills `reply` and counts the request.
  void handle(const TargetRequest& request, TargetReply& reply);

  TargetCounts& counts() { return counts_; }

  // What a token of /oauth/token is good for, so that short runs see it expire.
  static constexpr std::int64_t kOauthRequests = 3;

 private:
  using Handler = void (TargetRoutes::*)(const TargetRequest& request, std::string_view parameter,
                                         TargetReply& reply);

  // `pattern` is an exact path, or has "{…}" for one segment, which becomes the handler's
  // `parameter`.
  struct Route {
    std::string_view pattern;
    std::string_view method;  // empty: any. GET includes HEAD
    Handler handler;
    bool needs_login = false;
    bool is_counted = true;
  };

  // Who has logged in.
  struct Session {
    std::string email;          // empty: logged out
    std::int64_t requests = 0;  // that it is still good for; negative: any number
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
  std::string new_session(std::string email, std::int64_t requests);
  Session* session(const TargetRequest& request);
  bool admit(const TargetRequest& request);
  void bad_request(TargetReply& reply, std::string_view problem);

  // routes_stories.cc
  void oauth_token(const TargetRequest&, std::string_view, TargetReply&);
  void items(const TargetRequest&, std::string_view, TargetReply&);
  void item(const TargetRequest&, std::string_view, TargetReply&);
  void create_job(const TargetRequest&, std::string_view, TargetReply&);
  void job(const TargetRequest&, std::string_view, TargetReply&);
  void job_result(const TargetRequest&, std::string_view, TargetReply&);
  void graphql(const TargetRequest&, std::string_view, TargetReply&);
  void feedback_form(const TargetRequest&, std::string_view, TargetReply&);
  void send_feedback(const TargetRequest&, std::string_view, TargetReply&);
  void search(const TargetRequest&, std::string_view, TargetReply&);
  void popular(const TargetRequest&, std::string_view, TargetReply&);
  void static_file(const TargetRequest&, std::string_view, TargetReply&);
  std::uint8_t* find_job(std::string_view parameter);

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
  std::vector<Session> sessions_;        // a token holds an index into this
  std::vector<std::uint8_t> job_polls_;  // by job, as far as they matter
  std::uint64_t forms_ = 0;              // given out; a form's token holds its number
  std::uint64_t searches_ = 0;
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
