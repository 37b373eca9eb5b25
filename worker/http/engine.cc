#include "worker/http/engine.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <new>
#include <utility>
#include <vector>

#include "common/base/mask.h"
#include "worker/http/address_pins.h"
#include "worker/http/curl_client.h"
#include "worker/http/curl_handle.h"
#include "worker/http/transfer.h"
#include "worker/http/url.h"

namespace locust::worker {
namespace {

// Idle connections kept per user, all hosts together.
constexpr long kMaxIdleConnections = 16;
// The number of consecutive rounds of curl's timers before the loop continues.
constexpr int kMaxTimerRounds = 8;
// The number of paused responses that resume before the loop continues.
constexpr std::size_t kMaxResumed = 16;

class CurlEngine final : public HttpEngine, public SlotOwner {
 public:
  CurlEngine(EventLoop& loop, EngineOptions options);
  ~CurlEngine() override;
  CurlEngine(const CurlEngine&) = delete;
  CurlEngine& operator=(const CurlEngine&) = delete;

  std::unique_ptr<HttpClient> new_client() override { return std::make_unique<CurlClient>(*this); }
  void start(HttpClient& client, Exchange& exchange, Completion on_done) override;
  void cancel(Exchange& exchange) override;

 private:
  // A descriptor of curl. curl withdraws its interest after each response and renews it with the
  // next request of the connection. The loop's registration changes only if necessary, which saves
  // two epoll_ctl calls per request.
  struct Socket {
    std::uint32_t wanted = 0;   // by curl
    std::uint32_t watched = 0;  // in the loop
  };

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* socket) noexcept;
  static int on_timer(CURLM* multi, long timeout_ms, void* self) noexcept;
  static int open_socket(void* self, const curl_sockaddr& address) noexcept;
  static int close_socket(void* self, curl_socket_t fd) noexcept;
  static void on_paused(void* self, CURL* easy) noexcept;

  const TransferSetup& setup() const override { return setup_; }
  void retire(Slot& slot) override;

  Socket& socket(int fd);
  void begin_hop(Slot& slot);
  void send(Slot& slot, const Resolver::Addresses* addresses);
  void pin(Transfer& transfer, const Resolver::Addresses& addresses);
  void on_resolved(Slot& slot, const LookupResult& result);
  void on_ready(int fd, std::uint32_t ready);
  void arm_deadline(Slot& slot);
  void on_deadline(Slot& slot);
  void run_curl_timers();
  void collect();
  void hop_over(Slot& slot, CURLcode result);
  void leave_wire(Slot& slot);
  void schedule_resume();
  void resume_paused();
  void end(Slot& slot);
  void settle(Slot& slot);
  void take_out(Slot& slot);
  void schedule_turn();
  void turn();

  EventLoop& loop_;
  TransferSetup setup_;
  Resolver resolver_;
  CurlMulti multi_;
  AddressPins pins_;
  std::vector<Socket> sockets_;  // by descriptor
  std::deque<Slot*> ended_;      // to be completed from the loop
  std::deque<Slot*> paused_;     // to be resumed from the loop
  bool curl_timer_due_ = false;
  TimerId curl_timer_ = 0;
  TimerId turn_timer_ = 0;
  TimerId resume_timer_ = 0;
};

std::string system_ca_file() {
  const char* built_in = curl_version_info(CURLVERSION_NOW)->cainfo;
  for (const char* path : {built_in, "/etc/ssl/certs/ca-certificates.crt",
                           "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"})
    if (path != nullptr && ::access(path, R_OK) == 0) return path;
  return "/etc/ssl/certs/ca-certificates.crt";
}

CurlMulti new_multi() {
  CurlMulti multi(init_curl() ? curl_multi_init() : nullptr);
  if (!multi) throw std::bad_alloc();
  return multi;
}

CurlEngine::CurlEngine(EventLoop& loop, EngineOptions options)
    : loop_(loop),
      resolver_(loop, std::move(options.resolver)),
      multi_(new_multi()),
      pins_(options.max_pinned_hosts) {
  setup_ = {.user_agent = std::move(options.user_agent),
            .accept_encoding = std::move(options.accept_encoding),
            .ca_file = options.ca_file.empty() ? system_ca_file() : std::move(options.ca_file),
            .max_body_bytes = options.max_body_bytes,
            .environment_has_proxy = proxy_environment().has_value(),
            .open_socket = &CurlEngine::open_socket,
            .close_socket = &CurlEngine::close_socket,
            .paused = &CurlEngine::on_paused,
            .context = this};
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &CurlEngine::on_socket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &CurlEngine::on_timer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kMaxIdleConnections);
}

CurlEngine::~CurlEngine() {
  multi_.reset();  // while the members that its callbacks use exist
  loop_.cancel(curl_timer_);
  loop_.cancel(turn_timer_);
  loop_.cancel(resume_timer_);
}

void CurlEngine::start(HttpClient& client, Exchange& exchange, Completion on_done) {
  Slot& slot = static_cast<CurlClient&>(client).slot();
  slot.on_done = std::move(on_done);
  slot.started = loop_.clock().now();
  slot.deadline = slot.started + exchange.request.timeout;
  exchange.transfer = &slot;
  slot.transfer.begin(exchange);
  arm_deadline(slot);
  begin_hop(slot);
}

void CurlEngine::cancel(Exchange& exchange) {
  if (exchange.transfer == nullptr) return;
  take_out(*static_cast<Slot*>(exchange.transfer));
}

void CurlEngine::retire(Slot& slot) {
  take_out(slot);
  loop_.cancel(slot.timer);
}

// Returns the slot from any stage to idle, without completion.
void CurlEngine::take_out(Slot& slot) {
  if (slot.stage == Stage::kIdle) return;
  if (slot.stage == Stage::kResolving) resolver_.forget(slot.waiter);
  if (slot.stage == Stage::kOnTheWire) leave_wire(slot);
  if (slot.stage == Stage::kEnded) std::erase(ended_, &slot);
  slot.stage = Stage::kIdle;
  slot.on_done = nullptr;
  slot.transfer.cancelled();
  slot.transfer.exchange().transfer = nullptr;
  // curl may have set its timer to "now" for another handle while this one was removed.
  if (curl_timer_due_) schedule_turn();
}

void CurlEngine::begin_hop(Slot& slot) {
  arm_deadline(slot);  // the timer may have fired while the previous hop waited
  if (auto failure = slot.transfer.prepare_hop()) {
    slot.transfer.fail(std::move(*failure));
    return end(slot);
  }
  const std::string& host = slot.transfer.host_to_resolve();
  if (host.empty()) return send(slot, nullptr);
  if (const auto* addresses = resolver_.find(host)) return send(slot, addresses);
  slot.stage = Stage::kResolving;
  slot.hop_started = loop_.clock().now();
  slot.waiter = resolver_.resolve(
      host, [this, &slot](const LookupResult& result) { on_resolved(slot, result); });
}

void CurlEngine::on_resolved(Slot& slot, const LookupResult& result) {
  slot.transfer.exchange().response.phases.resolved += loop_.clock().now() - slot.hop_started;
  if (!result.addresses.empty()) return send(slot, resolver_.find(slot.transfer.host_to_resolve()));
  slot.transfer.fail({HttpErrorKind::kResolve, result.error});
  end(slot);
}

void CurlEngine::send(Slot& slot, const Resolver::Addresses* addresses) {
  if (addresses != nullptr) pin(slot.transfer, *addresses);
  slot.stage = Stage::kOnTheWire;
  curl_multi_add_handle(multi_.get(), slot.transfer.easy());
  // Immediately, not in the next turn: the request is already being timed.
  run_curl_timers();
  if (!ended_.empty() || curl_timer_due_) schedule_turn();
}

// Without a cached address curl would resolve the name itself, in a thread per request.
void CurlEngine::pin(Transfer& transfer, const Resolver::Addresses& addresses) {
  const bool known = transfer.pinned_generation() == addresses.generation;
  if (known && pins_.holds(addresses.generation)) return;
  transfer.set_pinned_generation(addresses.generation);
  const Origin& peer = transfer.peer();
  if (const auto outdated = pins_.put(peer.host + ":" + peer.port, addresses.generation)) {
    transfer.set_addresses(addresses.list, *outdated);
  }
}

int CurlEngine::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept {
  auto& engine = *static_cast<CurlEngine*>(self);
  Socket& socket = engine.socket(fd);
  socket.wanted = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) socket.wanted |= EPOLLIN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) socket.wanted |= EPOLLOUT;
  if (socket.wanted == 0 || socket.wanted == socket.watched) return 0;
  engine.loop_.watch(fd, socket.wanted,
                     [&engine, fd](std::uint32_t ready) { engine.on_ready(fd, ready); });
  socket.watched = socket.wanted;
  return 0;
}

CurlEngine::Socket& CurlEngine::socket(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= sockets_.size()) sockets_.resize(index + 64);
  return sockets_[index];
}

// Also resets the state of an earlier socket with this number: curl closes a socket that is still
// connecting without calling close_socket.
int CurlEngine::open_socket(void* self, const curl_sockaddr& address) noexcept {
  const int fd = ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
  if (fd >= 0) static_cast<CurlEngine*>(self)->socket(fd) = {};
  return fd;
}

int CurlEngine::close_socket(void* self, curl_socket_t fd) noexcept {
  auto& engine = *static_cast<CurlEngine*>(self);
  if (std::exchange(engine.socket(fd), {}).watched != 0) engine.loop_.unwatch(fd);
  return ::close(fd);
}

int CurlEngine::on_timer(CURLM*, long timeout_ms, void* self) noexcept {
  auto& engine = *static_cast<CurlEngine*>(self);
  engine.loop_.cancel(std::exchange(engine.curl_timer_, 0));
  engine.curl_timer_due_ = timeout_ms == 0;
  if (timeout_ms > 0)
    engine.curl_timer_ = engine.loop_.call_after(std::chrono::milliseconds(timeout_ms), [&engine] {
      engine.curl_timer_ = 0;
      engine.curl_timer_due_ = true;
      engine.turn();
    });
  return 0;
}

void CurlEngine::on_ready(int fd, std::uint32_t ready) {
  Socket& socket = this->socket(fd);
  if (socket.wanted == 0) {  // an idle connection that the server closes
    loop_.unwatch(fd);
    socket.watched = 0;
    return;
  }
  int mask = 0;
  if ((ready & EPOLLIN) != 0) mask |= CURL_CSELECT_IN;
  if ((ready & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
  if ((ready & (EPOLLERR | EPOLLHUP)) != 0) mask |= CURL_CSELECT_ERR;
  int running = 0;
  curl_multi_socket_action(multi_.get(), fd, mask, &running);
  collect();
  turn();
}

void CurlEngine::run_curl_timers() {
  for (int round = 0; curl_timer_due_ && round < kMaxTimerRounds; ++round) {
    curl_timer_due_ = false;
    int running = 0;
    curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running);
    collect();
  }
}

// Removes finished transfers from the multi handle. Does not resume users: curl may still be on the
// call stack within start().
void CurlEngine::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Slot* slot = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
    hop_over(*slot, message->data.result);
  }
}

void CurlEngine::hop_over(Slot& slot, CURLcode result) {
  slot.hop_result = result;
  slot.hop_over = true;
  slot.ended = loop_.clock().now();
  slot.stage = Stage::kEnded;
  leave_wire(slot);
  ended_.push_back(&slot);
}

void CurlEngine::leave_wire(Slot& slot) {
  if (std::exchange(slot.paused, false)) std::erase(paused_, &slot);
  curl_multi_remove_handle(multi_.get(), slot.transfer.easy());
}

// Resumes only from the loop's timer, not whenever a socket is ready: many paused transfers must
// not delay the others.
void CurlEngine::on_paused(void* self, CURL* easy) noexcept {
  auto& engine = *static_cast<CurlEngine*>(self);
  Slot* slot = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
  if (std::exchange(slot->paused, true)) return;
  engine.paused_.push_back(slot);
  engine.schedule_resume();
}

void CurlEngine::schedule_resume() {
  if (resume_timer_ != 0) return;
  resume_timer_ = loop_.call_at(loop_.clock().now(), [this] {
    resume_timer_ = 0;
    resume_paused();
  });
}

void CurlEngine::resume_paused() {
  for (std::size_t count = std::min(paused_.size(), kMaxResumed); count > 0; --count) {
    Slot& slot = *paused_.front();
    paused_.pop_front();
    slot.paused = false;
    if (const CURLcode code = slot.transfer.resume(); code != CURLE_OK) hop_over(slot, code);
  }
  turn();
  if (!paused_.empty()) schedule_resume();
}

// Ends a request that failed outside of curl; its response has the failure.
void CurlEngine::end(Slot& slot) {
  slot.hop_over = false;
  slot.ended = loop_.clock().now();
  slot.stage = Stage::kEnded;
  ended_.push_back(&slot);
  schedule_turn();
}

void CurlEngine::schedule_turn() {
  if (turn_timer_ != 0) return;
  turn_timer_ = loop_.call_at(loop_.clock().now(), [this] {
    turn_timer_ = 0;
    turn();
  });
}

// Called by the loop only, never with curl on the call stack. Requests that end meanwhile wait for
// the next turn, so that users whose requests fail immediately do not delay the others.
void CurlEngine::turn() {
  run_curl_timers();
  for (std::size_t count = ended_.size(); count > 0 && !ended_.empty(); --count) {
    Slot& slot = *ended_.front();
    ended_.pop_front();
    settle(slot);
  }
  if (!ended_.empty() || curl_timer_due_) schedule_turn();
}

void CurlEngine::settle(Slot& slot) {
  if (slot.hop_over && slot.transfer.finish_hop(slot.hop_result)) return begin_hop(slot);
  Exchange& exchange = slot.transfer.exchange();
  exchange.response.response_time = slot.ended - slot.started;
  exchange.transfer = nullptr;
  slot.stage = Stage::kIdle;
  const Completion on_done = std::exchange(slot.on_done, nullptr);
  on_done();  // may destroy the slot
}

void CurlEngine::arm_deadline(Slot& slot) {
  if (slot.timer != 0 && slot.timer_at <= slot.deadline) return;
  loop_.cancel(slot.timer);
  slot.timer_at = slot.deadline;
  slot.timer = loop_.call_at(slot.deadline, [this, &slot] { on_deadline(slot); });
}

void CurlEngine::on_deadline(Slot& slot) {
  slot.timer = 0;
  const bool in_flight = slot.stage == Stage::kResolving || slot.stage == Stage::kOnTheWire;
  if (!in_flight) return;
  if (loop_.clock().now() < slot.deadline) return arm_deadline(slot);
  const bool on_the_wire = slot.stage == Stage::kOnTheWire;
  slot.transfer.time_out(on_the_wire);
  if (on_the_wire)
    leave_wire(slot);
  else
    resolver_.forget(slot.waiter);
  end(slot);
}

}  // namespace

std::unique_ptr<HttpEngine> make_curl_engine(EventLoop& loop, EngineOptions options) {
  return std::make_unique<CurlEngine>(loop, std::move(options));
}

std::optional<std::string> proxy_environment() {
  for (const char* name :
       {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return std::string(name) + "=" + masked(value);
  }
  return std::nullopt;
}

}  // namespace locust::worker
