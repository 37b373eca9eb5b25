#include "worker/http/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "common/base/python_repr.h"

namespace locust::worker {
namespace {

constexpr std::size_t kMaxHosts = 10'000;

}  // namespace

LookupResult system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = IPPROTO_TCP;
  addrinfo* found = nullptr;
  const int rc = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  LookupResult result;
  if (rc != 0) {
    result.error = "gaierror(" + std::to_string(rc) + ", " + python_repr(::gai_strerror(rc)) + ")";
    return result;
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) ==
        0)
      result.addresses.emplace_back(text);
  }
  if (result.addresses.empty())
    result.error = "gaierror(" + std::to_string(EAI_NODATA) + ", " +
                   python_repr(::gai_strerror(EAI_NODATA)) + ")";
  return result;
}

// The resolver's threads and the state that they share with it. Each thread holds a reference, so
// that the mutex still exists for a lookup that outlasts the resolver.
class Resolver::Pool : public std::enable_shared_from_this<Pool> {
 public:
  using Done = std::function<void(const std::string&, const LookupResult&)>;

  Pool(EventLoop& loop, LookupFunction lookup, std::size_t max_threads, Done done)
      : loop_(loop),
        lookup_(std::move(lookup)),
        max_threads_(std::max<std::size_t>(max_threads, 1)),
        done_(std::move(done)) {}

  void add(std::string name) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(name));
    if (queue_.size() > idle_ && threads_ < max_threads_) {
      ++threads_;
      // Detached: a thread within getaddrinfo cannot be interrupted, and nothing may wait for it.
      std::thread([self = shared_from_this()] { self->work(); }).detach();
    }
    wake_.notify_one();
  }

  // Afterwards nothing is posted to the loop. Waits for the threads that are not within a lookup,
  // so that as few as possible run during the process's teardown.
  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    queue_.clear();
    wake_.notify_all();
    left_.wait(lock, [this] { return threads_ == busy_; });
    done_ = nullptr;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      wake_.wait(lock, [this] { return closed_ || !queue_.empty(); });
      --idle_;
      if (closed_) break;
      std::string name = std::move(queue_.front());
      queue_.pop_front();
      ++busy_;
      lock.unlock();
      LookupResult result = lookup_(name);
      lock.lock();
      --busy_;
      if (closed_) break;
      loop_.post([self = shared_from_this(), name = std::move(name), result = std::move(result)] {
        if (self->done_) self->done_(name, result);
      });
    }
    --threads_;
    left_.notify_all();
  }

  EventLoop& loop_;  // not used after close()
  const LookupFunction lookup_;
  const std::size_t max_threads_;
  Done done_;  // used on the loop's thread only

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable left_;
  std::deque<std::string> queue_;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  std::size_t busy_ = 0;
  bool closed_ = false;
};

struct Resolver::Host {
  std::string name;
  std::optional<Addresses> addresses;
  bool looking_up = false;
  std::map<WaiterId, Waiter> waiters;  // in order of arrival
};

Resolver::Resolver(EventLoop& loop, ResolverOptions options)
    : clock_(loop.clock()),
      ttl_(options.ttl),
      pool_(std::make_shared<Pool>(
          loop, std::move(options.lookup), options.max_threads,
          [this](const std::string& name, const LookupResult& result) { finish(name, result); })) {
  for (const auto& [name, address] : options.fixed) {
    auto& host = hosts_[name] = std::make_unique<Host>();
    host->name = name;
    host->addresses = Addresses{{address}, ++last_generation_, TimePoint::max()};
  }
}

Resolver::~Resolver() { pool_->close(); }

const Resolver::Addresses* Resolver::find(const std::string& host) {
  const auto it = hosts_.find(host);
  if (it == hosts_.end() || !it->second->addresses) return nullptr;
  Host& known = *it->second;
  if (clock_.now() >= known.addresses->expires) start_lookup(known);
  return &*known.addresses;
}

Resolver::WaiterId Resolver::resolve(const std::string& host, Waiter waiter) {
  auto& entry = hosts_[host];
  if (!entry) {
    entry = std::make_unique<Host>();
    entry->name = host;
  }
  const WaiterId id = ++last_waiter_;
  entry->waiters.emplace(id, std::move(waiter));
  start_lookup(*entry);
  return id;
}

void Resolver::forget(WaiterId id) {
  for (auto& [name, host] : hosts_)
    if (host->waiters.erase(id) > 0) return;
}

void Resolver::start_lookup(Host& host) {
  if (host.looking_up) return;
  host.looking_up = true;
  pool_->add(host.name);
}

void Resolver::finish(const std::string& name, const LookupResult& result) {
  Host& host = *hosts_.at(name);
  host.looking_up = false;
  const TimePoint expires = clock_.now() + ttl_;
  if (!result.addresses.empty() && (!host.addresses || host.addresses->list != result.addresses)) {
    host.addresses = Addresses{result.addresses, ++last_generation_, expires};
  } else if (host.addresses) {
    host.addresses->expires = expires;
  }
  // One at a time: a waiter may remove another, or call resolve() again and so become a new one.
  const WaiterId last = last_waiter_;
  while (!host.waiters.empty() && host.waiters.begin()->first <= last)
    host.waiters.extract(host.waiters.begin()).mapped()(result);
  // Here and not where a name is added, which a waiter may do: `host` must exist until here.
  if (hosts_.size() > kMaxHosts) forget_oldest();
}

// Drops half of them, so that the next name does not need another search. Fixed ones never expire.
void Resolver::forget_oldest() {
  const auto expires = [](const Host& host) {
    return host.addresses ? host.addresses->expires : TimePoint::min();
  };
  std::vector<TimePoint> times;
  for (const auto& [name, host] : hosts_) times.push_back(expires(*host));
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  std::erase_if(hosts_, [&, limit = *middle](const auto& entry) {
    const Host& host = *entry.second;
    const bool in_use = host.looking_up || !host.waiters.empty();
    return !in_use && expires(host) <= limit && expires(host) != TimePoint::max();
  });
}

}  // namespace locust::worker
