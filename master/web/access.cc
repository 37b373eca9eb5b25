#include "master/web/access.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <span>
#include <stdexcept>
#include <utility>

#include "common/base/text.h"
#include "master/web/http_text.h"

namespace locust::master::web {
namespace {

constexpr std::string_view kScheme = "scrypt$";
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
// scrypt's cost: 16 MiB and about 50 ms.
constexpr std::uint64_t kScryptN = 1 << 14;
constexpr std::uint64_t kScryptR = 8;
constexpr std::uint64_t kScryptP = 1;
constexpr std::uint64_t kScryptMemory = std::uint64_t{64} << 20;

using Bytes = std::array<unsigned char, kHashBytes>;

std::string random_hex(std::size_t size) {
  Bytes bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(size)) != 1) {
    throw std::runtime_error("the system has no random numbers");
  }
  return hex(std::span(bytes).first(size));
}

std::string scrypt(std::string_view password, std::string_view salt) {
  Bytes hash{};
  if (EVP_PBE_scrypt(password.data(), password.size(),
                     reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), kScryptN,
                     kScryptR, kScryptP, kScryptMemory, hash.data(), hash.size()) != 1) {
    throw std::runtime_error("scrypt failed");
  }
  return hex(hash);
}

// The addresses that count as one client. A host may have all addresses of its /64.
std::string client_of(const std::string& peer) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const std::string without_scope = peer.substr(0, peer.find('%'));
  if (::inet_pton(AF_INET6, without_scope.c_str(), address.data()) != 1) return peer;
  return hex(std::span(address).first(address.size() / 2));
}

// Makes room for one more.
template <typename Map, typename Since>
void drop_oldest(Map& map, std::size_t limit, Since since) {
  if (map.size() < limit) return;
  map.erase(std::min_element(map.begin(), map.end(), [since](const auto& a, const auto& b) {
    return since(a.second) < since(b.second);
  }));
}

bool is_hash(std::string_view text) {
  if (!text.starts_with(kScheme)) return false;
  text.remove_prefix(kScheme.size());
  const std::size_t end_of_salt = text.find('$');
  return end_of_salt == 2 * kSaltBytes && text.size() == end_of_salt + 1 + 2 * kHashBytes;
}

}  // namespace

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hash_password(std::string_view password) {
  const std::string salt = random_hex(kSaltBytes);
  return std::string(kScheme) + salt + "$" + scrypt(password, salt);
}

bool password_matches(std::string_view password, std::string_view hash) {
  if (!is_hash(hash)) return false;
  const std::string_view salt = hash.substr(kScheme.size(), 2 * kSaltBytes);
  return same_secret(scrypt(password, salt), hash.substr(hash.size() - 2 * kHashBytes));
}

Result<Users> read_users(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error{"--web-users: cannot read " + path};
  Users users;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string::npos || !is_hash(line.substr(colon + 1))) {
      return Error{"--web-users: " + path + ":" + std::to_string(number) +
                   ": not NAME:HASH; locust-master --hash-password makes the hash"};
    }
    users[line.substr(0, colon)] = line.substr(colon + 1);
  }
  if (users.empty()) return Error{"--web-users: " + path + " has no user"};
  return users;
}

Result<Users> login_users(const std::optional<std::string>& path) {
  if (path) return read_users(*path);
  const char* name = std::getenv("LOCUST_WEB_USERNAME");
  const char* password = std::getenv("LOCUST_WEB_PASSWORD");
  if (name == nullptr || password == nullptr || *name == '\0' || *password == '\0') {
    return Error{
        "--web-login: there are no accounts; give --web-users FILE, or LOCUST_WEB_USERNAME and "
        "LOCUST_WEB_PASSWORD in the environment"};
  }
  return Users{{name, hash_password(password)}};
}

Access::Access(const Clock& clock, Users users, int port)
    : clock_(clock),
      users_(std::move(users)),
      session_cookie_("locust_session_" + std::to_string(port)),
      login_cookie_("locust_login_" + std::to_string(port)) {}

std::string Access::new_token() { return random_hex(kHashBytes); }

const LoginSession* Access::find(const Request& request) {
  const Fields cookies = parse_cookies(request.header("cookie"));
  const std::string* token = find_field(cookies, session_cookie_);
  if (token == nullptr) return nullptr;
  const auto known = sessions_.find(*token);
  if (known == sessions_.end()) return nullptr;
  if (is_over(known->second)) {
    sessions_.erase(known);
    return nullptr;
  }
  known->second.used = clock_.now();
  return &known->second;
}

bool Access::is_over(const LoginSession& session) const {
  return clock_.now() - session.used > kSessionTime;
}

bool Access::is_open(std::string_view token) const {
  const auto known = sessions_.find(token);
  return known != sessions_.end() && !is_over(known->second);
}

bool Access::is_ours(const LoginSession& session, const Request& request, const Fields& form) {
  const std::string* field = find_field(form, "csrf");
  return same_secret(request.header("x-csrf-token"), session.csrf) ||
         (field != nullptr && same_secret(*field, session.csrf));
}

double Access::remaining(const Failures& failures) const {
  const double forgiven = to_seconds(clock_.now() - failures.at) / to_seconds(kForgiveTime);
  return std::max(0.0, failures.count - forgiven);
}

void Access::count(Failures& failures) const {
  failures = {.count = remaining(failures) + 1, .at = clock_.now()};
}

bool Access::may_try(const std::string& client) const {
  if (remaining(failures_of_all_) >= kMaxFailuresOfAll && !known_clients_.contains(client)) {
    return false;
  }
  const auto known = failures_.find(client);
  return known == failures_.end() || remaining(known->second) < kMaxFailures;
}

void Access::note_failure(const std::string& client) {
  count(failures_of_all_);
  if (failures_.size() >= kMaxClients) {
    std::erase_if(failures_, [this](const auto& entry) { return remaining(entry.second) <= 0; });
    if (failures_.size() >= kMaxClients) return;
  }
  count(failures_[client]);
}

void Access::note_success(const std::string& client) {
  if (!known_clients_.contains(client)) {
    drop_oldest(known_clients_, kMaxClients, [](TimePoint at) { return at; });
  }
  known_clients_[client] = clock_.now();
}

Access::Login Access::log_in(std::string_view user, std::string_view password,
                             const std::string& peer) {
  const std::string client = client_of(peer);
  if (!may_try(client)) return {Outcome::kTooOften, ""};
  const auto known = users_.find(user);
  // An unknown account takes as long as a known one.
  static const std::string nobody = hash_password("");
  const bool right = password_matches(password, known == users_.end() ? nobody : known->second);
  if (!right || known == users_.end()) {
    note_failure(client);
    return {Outcome::kWrong, ""};
  }
  note_success(client);
  drop_oldest(sessions_, kMaxSessions, [](const LoginSession& session) { return session.used; });
  std::string token = new_token();
  sessions_[token] = {known->first, token, new_token(), clock_.now()};
  return {Outcome::kLoggedIn, std::move(token)};
}

void Access::log_out(const Request& request) {
  const Fields cookies = parse_cookies(request.header("cookie"));
  if (const std::string* token = find_field(cookies, session_cookie_)) sessions_.erase(*token);
}

}  // namespace locust::master::web
