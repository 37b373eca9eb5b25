// CurlClient: the curl state of one virtual user, and the slots in which its requests run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/scheduler.h"
#include "worker/http/curl_handle.h"
#include "worker/http/engine.h"
#include "worker/http/resolver.h"
#include "worker/http/transfer.h"

namespace locust::worker {

// The stage of a slot's request:
//
//   idle -- start --> resolving --> on the wire --> ended -- completion --> idle
//                         \__ failure, timeout __/    \__ redirect: resolving or on the wire
//
// cancel leads from each to idle.
enum class Stage : std::uint8_t { kIdle, kResolving, kOnTheWire, kEnded };

// Runs one request at a time: a transfer and the engine's data about it.
struct Slot {
  Slot(const TransferSetup& setup, CURLSH* share) : transfer(setup, share, this) {}
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  Transfer transfer;
  HttpEngine::Completion on_done;
  Stage stage = Stage::kIdle;
  CURLcode hop_result = CURLE_OK;  // kEnded with hop_over: not evaluated yet
  bool hop_over = false;
  bool paused = false;  // waits in the engine's paused_
  TimePoint started{};
  TimePoint hop_started{};
  TimePoint ended{};
  TimePoint deadline{};
  // Stays armed when a request ends, and is re-armed if it fires during a later one, so that most
  // requests need no timer operation.
  TimerId timer = 0;
  TimePoint timer_at{};
  Resolver::WaiterId waiter = 0;
};

// The interface of the engine to its clients.
class SlotOwner {
 public:
  virtual const TransferSetup& setup() const = 0;
  // Cancels the slot's request, if any, and releases the engine's resources for it.
  virtual void retire(Slot& slot) = 0;

 protected:
  ~SlotOwner() = default;
};

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(SlotOwner& engine) : engine_(engine) {}
  ~CurlClient() override;
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  void set_cookie(const std::string& host, bool secure, const HttpCookie& cookie) override {
    cookie_changes_.push_back({host, secure, cookie});
  }
  void reset() override {
    reset_ = true;
    cookie_changes_.clear();
  }
  std::vector<KeptCookie> cookies() override;
  bool keep_cookie(const KeptCookie& cookie) override;
  void clear_cookies() override;

  // Returns an idle slot, a new one if all are in use. Applies the user's pending changes here,
  // because curl needs more stack than a user has.
  Slot& slot();

 private:
  struct CookieChange {
    std::string host;
    bool secure;
    HttpCookie cookie;
  };
  void apply_changes();

  SlotOwner& engine_;
  CurlShare share_;  // destroyed after the slots: curl does not free it while a handle uses it
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<CookieChange> cookie_changes_;
  bool reset_ = false;
};

}  // namespace locust::worker
