// bench_bare_curl --url URL [--users 64] [--seconds 5] [--ca FILE]: the least a program does to make
// requests by libcurl: one multi, socket_action, epoll. The engine's cost is measured against this
// one's in the same run, so it sets the engine's options (worker/http/transfer.cc) except its
// callbacks, has a private CURLSH per user like it, and sets the URL and adds the handle anew for
// each request. The deadline is curl's own. The body is discarded.
#include <curl/curl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/sysinfo.h"
#include "tests/bench/usage.h"

namespace locust::bench {
namespace {

struct CleanUpEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct CleanUpList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct CleanUpShare {
  void operator()(CURLSH* share) const { curl_share_cleanup(share); }
};

struct User {
  // Declared first: a share outlives the handle that uses it.
  std::unique_ptr<CURLSH, CleanUpShare> share{curl_share_init()};
  std::unique_ptr<CURL, CleanUpEasy> easy{curl_easy_init()};
};

std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

class BareLoop final {
 public:
  // `ca`: the certificates that it trusts; empty: curl's own.
  BareLoop(std::string url, std::size_t users, std::string ca)
      : url_(std::move(url)), ca_(std::move(ca)), users_(users) {
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &BareLoop::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &BareLoop::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    for (User& user : users_) set_up(user);
  }
  ~BareLoop() {
    for (User& user : users_) curl_multi_remove_handle(multi_, user.easy.get());
    users_.clear();
    curl_multi_cleanup(multi_);
    ::close(epoll_fd_);
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  void run(Duration duration);
  std::uint64_t requests() const { return requests_; }
  std::uint64_t failures() const { return failures_; }

 private:
  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void* is_known);
  static int on_timer(CURLM*, long timeout_ms, void* self);

  static std::unique_ptr<curl_slist, CleanUpList> headers();
  void set_up(User& user);
  void start(CURL* easy);
  void turn();
  void restart_finished();
  int wait_ms() const;

  const SystemClock clock_;
  const std::string url_;
  const std::string ca_;
  CURLM* const multi_ = curl_multi_init();
  const int epoll_fd_ = ::epoll_create1(EPOLL_CLOEXEC);
  const std::unique_ptr<curl_slist, CleanUpList> headers_ = headers();
  std::vector<User> users_;
  std::vector<CURL*> finished_;
  std::optional<TimePoint> deadline_;  // of curl's timer
  std::uint64_t requests_ = 0;
  std::uint64_t failures_ = 0;
};

std::unique_ptr<curl_slist, CleanUpList> BareLoop::headers() {
  curl_slist* list = nullptr;
  for (const char* header :
       {"User-Agent: locust-cpp/bare", "Accept-Encoding: gzip, deflate, br", "Accept:"})
    list = curl_slist_append(list, header);
  return std::unique_ptr<curl_slist, CleanUpList>(list);
}

void BareLoop::set_up(User& user) {
  for (const curl_lock_data what :
       {CURL_LOCK_DATA_CONNECT, CURL_LOCK_DATA_COOKIE, CURL_LOCK_DATA_SSL_SESSION})
    curl_share_setopt(user.share.get(), CURLSHOPT_SHARE, what);
  const auto set = [&user](CURLoption option, auto value) {
    curl_easy_setopt(user.easy.get(), option, value);
  };
  set(CURLOPT_SHARE, user.share.get());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_WRITEFUNCTION, &discard);
  set(CURLOPT_TIMEOUT_MS, 60'000L);
  set(CURLOPT_CONNECTTIMEOUT_MS, 60'000L);
  set(CURLOPT_UPLOAD_BUFFERSIZE, 16L * 1024);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_DNS_CACHE_TIMEOUT, -1L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate, br");
  set(CURLOPT_COOKIEFILE, "");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  // A CA directory would be read anew for each connection.
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  if (!ca_.empty()) set(CURLOPT_CAINFO, ca_.c_str());
}

void BareLoop::start(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
  curl_multi_add_handle(multi_, easy);
}

int BareLoop::on_socket(CURL*, curl_socket_t fd, int what, void* self, void* is_known) {
  const auto& loop = *static_cast<BareLoop*>(self);
  if (what == CURL_POLL_REMOVE) {
    ::epoll_ctl(loop.epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
    return 0;
  }
  epoll_event event{};
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  event.data.fd = fd;
  ::epoll_ctl(loop.epoll_fd_, is_known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
  curl_multi_assign(loop.multi_, fd, self);
  return 0;
}

int BareLoop::on_timer(CURLM*, long timeout_ms, void* self) {
  auto& loop = *static_cast<BareLoop*>(self);
  loop.deadline_.reset();
  if (timeout_ms >= 0) loop.deadline_ = loop.clock_.now() + std::chrono::milliseconds(timeout_ms);
  return 0;
}

int BareLoop::wait_ms() const {
  constexpr Duration kLongest = std::chrono::milliseconds(100);
  if (!deadline_) return 100;
  const Duration left = std::clamp(*deadline_ - clock_.now(), Duration::zero(), kLongest);
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

void BareLoop::turn() {
  std::array<epoll_event, 256> events;
  const int count =
      ::epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), wait_ms());
  int running = 0;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    int ready = 0;
    if ((event.events & EPOLLIN) != 0) ready |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) ready |= CURL_CSELECT_OUT;
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) ready |= CURL_CSELECT_ERR;
    curl_multi_socket_action(multi_, event.data.fd, ready, &running);
  }
  if (deadline_ && clock_.now() >= *deadline_) {
    deadline_.reset();
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
}

void BareLoop::restart_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    ++requests_;
    if (message->data.result != CURLE_OK && failures_++ == 0)
      std::fprintf(stderr, "%s\n", curl_easy_strerror(message->data.result));
    // The message dies with the handle's removal, which must wait until all are read.
    finished_.push_back(message->easy_handle);
  }
  for (CURL* easy : finished_) {
    curl_multi_remove_handle(multi_, easy);
    start(easy);
  }
  finished_.clear();
}

void BareLoop::run(Duration duration) {
  const TimePoint end = clock_.now() + duration;
  for (const User& user : users_) start(user.easy.get());
  while (clock_.now() < end) {
    turn();
    restart_finished();
  }
}

int run(const Load& load, const std::string& ca) {
  raise_open_file_limit();  // each user has a connection, and the soft limit is often 1024
  const SystemClock clock;
  const double cpu_before = process_cpu_us();
  const TimePoint began = clock.now();
  BareLoop loop(load.url, load.users, ca);
  loop.run(seconds(load.seconds));
  const double cpu = process_cpu_us() - cpu_before;
  const double elapsed = to_seconds(clock.now() - began);
  const auto requests = static_cast<double>(loop.requests());
  if (loop.requests() == 0) {
    std::fprintf(stderr, "no request was finished\n");
    return 1;
  }
  std::printf("{\"requests\":%llu,\"cpu_us_per_request\":%.3f,\"rps\":%.0f,\"rss_kib\":%ld}\n",
              static_cast<unsigned long long>(loop.requests()), cpu / requests, requests / elapsed,
              rss_kib());
  return loop.failures() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace locust::bench

int main(int argc, char** argv) {
  CLI::App app{"CPU per request of a bare curl-multi loop"};
  locust::bench::Load load;
  load.add_options(app);
  std::string ca;
  app.add_option("--ca", ca, "file of the certificates to trust");
  CLI11_PARSE(app, argc, argv);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const int status = locust::bench::run(load, ca);
  curl_global_cleanup();
  return status;
}
