// Access: the login of the page (--web-login): accounts with salted hashes, sessions identified by
// a cookie, tokens against cross-site requests, and a limit on guessing passwords.
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

// "scrypt$SALT$HASH" in hex, with a new salt. Takes about 50 ms, like checking a password.
std::string hash_password(std::string_view password);
bool password_matches(std::string_view password, std::string_view hash);

// Hash by user name.
using Users = std::map<std::string, std::string, std::less<>>;

// Reads a file of lines "NAME:HASH"; empty lines and those that start with '#' are ignored. The
// error names file and line.
Result<Users> read_users(const std::string& path);

// The users of that file; without a file, the user of LOCUST_WEB_USERNAME and LOCUST_WEB_PASSWORD.
Result<Users> login_users(const std::optional<std::string>& path);

struct LoginSession {
  std::string user;
  std::string token;  // the cookie's value
  std::string csrf;
  TimePoint used{};
};

// Used on the server's thread. `clock` must outlive it.
class Access final {
 public:
  static constexpr std::size_t kMaxSessions = 1'000;  // the least recently used one is dropped
  static constexpr Duration kSessionTime = std::chrono::hours(12);  // without use
  // Wrong passwords of one client and of all clients, and the time after which each is forgiven. A
  // client is an address, for IPv6 a /64. Clients that have logged in before are not affected by
  // others.
  static constexpr int kMaxFailures = 10;
  static constexpr int kMaxFailuresOfAll = 50;
  static constexpr Duration kForgiveTime = std::chrono::seconds(10);
  static constexpr std::size_t kMaxClients = 10'000;

  // `port` is the server's: it distinguishes its cookies from those of another master on the same
  // host.
  Access(const Clock& clock, Users users, int port);

  // The session of the request's cookie; null if there is none.
  const LoginSession* find(const Request& request);
  // Whether the session with that token exists.
  bool is_open(std::string_view token) const;
  // Whether the request proves that the native page sent it: by the header X-CSRF-Token or the
  // form's field.
  static bool is_ours(const LoginSession& session, const Request& request, const Fields& form);

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
  // The number of wrong passwords, minus one for each kForgiveTime since.
  struct Failures {
    double count = 0;
    TimePoint at{};
  };
  double remaining(const Failures& failures) const;
  void count(Failures& failures) const;
  bool is_over(const LoginSession& session) const;
  bool may_try(const std::string& client) const;
  void note_failure(const std::string& client);
  void note_success(const std::string& client);

  const Clock& clock_;
  const Users users_;
  const std::string session_cookie_;
  const std::string login_cookie_;
  std::map<std::string, LoginSession, std::less<>> sessions_;  // by token
  std::map<std::string, Failures> failures_;                   // by client
  Failures failures_of_all_;
  std::map<std::string, TimePoint> known_clients_;  // with the time of their last login
};

// Compares in constant time.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace locust::master::web
