// Resolver: resolves host names without blocking the loop, each name once for all users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "common/base/event_loop.h"

namespace locust::worker {

struct LookupResult {
  std::vector<std::string> addresses;  // numeric, best first; empty if it failed
  std::string error;                   // "gaierror(-2, 'Name or service not known')"
};
// Blocking; runs on the resolver's threads, several at a time.
using LookupFunction = std::function<LookupResult(const std::string& host)>;

// getaddrinfo for TCP, both families, in the system's order.
LookupResult system_lookup(const std::string& host);

struct ResolverOptions {
  Duration ttl = std::chrono::seconds(60);
  std::size_t max_threads = 4;
  std::map<std::string, std::string>
      fixed{};  // numeric addresses by lower-case name; these names are never resolved
  LookupFunction lookup = system_lookup;
};

// Used on the loop's thread; lookups run on up to max_threads threads, which start on demand. Users
// that need the same name share its lookup. Results are kept for the ttl. After that the next
// find() starts a refresh in the background; the old addresses are used until it is done, so that a
// refresh delays no user. If the refresh fails, they are used for another ttl. Failures are not
// kept. Beyond 10,000 names, the oldest results are dropped.
class Resolver {
 public:
  struct Addresses {
    std::vector<std::string> list;
    std::uint64_t generation;  // grows with each change of `list`, unique in the process
    TimePoint expires;
  };
  using Waiter = std::function<void(const LookupResult&)>;
  using WaiterId = std::uint64_t;

  // `loop` must outlive it.
  Resolver(EventLoop& loop, ResolverOptions options);
  // Does not wait for lookups in progress; their results are dropped.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Returns the known addresses; null if there are none. The pointer is valid until the loop's next
  // turn.
  const Addresses* find(const std::string& host);
  // Calls `waiter` from the loop when the lookup is done, never inside this call; on success find()
  // then returns the addresses.
  WaiterId resolve(const std::string& host, Waiter waiter);
  // Removes the waiter. The lookup continues for later callers.
  void forget(WaiterId id);

 private:
  class Pool;
  struct Host;

  void start_lookup(Host& host);
  void forget_oldest();
  void finish(const std::string& name, const LookupResult& result);

  const Clock& clock_;
  Duration ttl_;
  std::shared_ptr<Pool> pool_;
  std::unordered_map<std::string, std::unique_ptr<Host>> hosts_;
  WaiterId last_waiter_ = 0;
  std::uint64_t last_generation_ = 0;
};

}  // namespace locust::worker
