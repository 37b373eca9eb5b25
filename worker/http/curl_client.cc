#include "worker/http/curl_client.h"

#include <new>
#include <utility>

#include "worker/http/cookies.h"

namespace locust::worker {

CurlClient::~CurlClient() {
  for (auto& slot : slots_) engine_.retire(*slot);
}

// Called before a request. Nothing is in flight if the user has reset its session.
void CurlClient::apply_changes() {
  if (std::exchange(reset_, false)) {
    for (auto& slot : slots_) engine_.retire(*slot);
    slots_.clear();
    share_.reset();
  }
  const std::vector<CookieChange> changes = std::exchange(cookie_changes_, {});
  if (changes.empty()) return;
  CURL* easy = slot().transfer.easy();
  for (const CookieChange& change : changes) {
    set_jar_cookie(easy, change.host, change.secure, change.cookie);
  }
}

Slot& CurlClient::slot() {
  if (reset_ || !cookie_changes_.empty()) apply_changes();
  if (!share_) {
    share_.reset(curl_share_init());
    if (!share_) throw std::bad_alloc();
    curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
    curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }
  for (auto& slot : slots_)
    if (slot->stage == Stage::kIdle) return *slot;
  slots_.push_back(std::make_unique<Slot>(engine_.setup(), share_.get()));
  return *slots_.back();
}

std::vector<KeptCookie> CurlClient::cookies() { return jar_cookies(slot().transfer.easy()); }

bool CurlClient::keep_cookie(const KeptCookie& cookie) {
  return keep_jar_cookie(slot().transfer.easy(), cookie);
}

void CurlClient::clear_cookies() { clear_jar(slot().transfer.easy()); }

}  // namespace locust::worker
