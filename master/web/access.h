// Access: who may use the page (--web-login). Users with salted hashes, sessions that a cookie
// names, tokens against requests that other sites cause, and a limit on guessing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "master/web/http.h"

namespace locust::master::web {

// "scrypt$SALT$HASH" in hex, with a new salt. Takes about a twentieth of a second, as checking does.
std::string hash_password(std::string_view password);
bool password_matches(std::string_view password, std::string_view hash);

// Hash by user name.
using Users = std::map<std::string, std::string, std::less<>>;

// A file of lines "NAME:HASH"; empty lines and those that begin with '#' do not count. The error
// names file and line.
Result<Users> read_users(const std::string& path);

// From that file; without one, the one of LOCUST_WEB_USERNAME and LOCUST_WEB_PASSWORD.
Result<Users> login_users(const std::optional<std::string>& path);

struct Session {
  std::string user;
  std::string token;  // what the cookie says
  std::string csrf;
  TimePoint used{};
};

// The server's thread. `clock` must outlive it.
class Access final {
 public:
  static constexpr std::size_t kMaxSessions = 1'000;  // the one unused longest makes room
  static constexpr Duration kSessionTime = std::chrono::hours(12);  // without use
  // Wrong passwords, of one client and of all, and in how long each is forgiven. A client is an
  // address, of IPv6 a /64. Those who have logged in before may try whatever the others do.
  static constexpr int kMaxFailures = 10;
  static constexpr int kMaxFailuresOfAll = 50;
  static constexpr Duration kForgiveTime = std::chrono::seconds(10);
  static constexpr std::size_t kMaxClients = 10'000;

  // `port` is the server's: its cookies are not those of another master on the same host.
  Access(const Clock& clock, Users users, int port);

  // Of the request's cookie; null if nobody is logged in.
  const Session* find(const Request& request);
  // Whether the session of that token has not ended.
  bool is_open(std::string_view token) const;
  // Whether the request proves that a page of ours made it: by the header X-CSRF-Token or the form's
  // field.
  static bool is_ours(const Session& session, const Request& request, const Fields& form);

  enum class Outcome { kLoggedIn, kWrong, kTooOften };
  struct Login {
    Outcome outcome = Outcome::kWrong;
    std::string token;  // of the new session
  };
  Login log_in(std::string_view user, std::string_view password, const std::string& peer);
  void log_out(const Request& request);

  // For the login form, which has no session yet: cookie and field must agree.
  static std::string new_token();

  const std::string& session_cookie() const { return session_cookie_; }
  const std::string& login_cookie() const { return login_cookie_; }

 private:
  // So many wrong passwords, less one for each kForgiveTime since.
  struct Failures {
    double count = 0;
    TimePoint at{};
  };
  double remaining(const Failures& failures) const;
  void count(Failures& failures) const;
  bool is_over(const Session& session) const;
  bool may_try(const std::string& client) const;
  void note_failure(const std::string& client);
  void note_success(const std::string& client);

  const Clock& clock_;
  const Users users_;
  const std::string session_cookie_;
  const std::string login_cookie_;
  std::map<std::string, Session, std::less<>> sessions_;  // by token
  std::map<std::string, Failures> failures_;              // by client
  Failures failures_of_all_;
  std::map<std::string, TimePoint> known_clients_;  // and when they logged in last
};

// Compares without telling by its time how much agrees.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace locust::master::web
