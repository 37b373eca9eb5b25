#include "worker/python/greenlet_context.h"

#include <algorithm>
#include <cstdlib>

namespace locust::worker {

using python::Greenlet;

// `w` is on the greenlet's stack, which is copied away while the greenlet is parked: the loop must
// not access it.
void GreenletContext::wait(HttpWait& w) {
  client_ = &w.client;
  Exchange* const exchange = &w.exchange;
  const bool complete =
      hub_.wait({.begin =
                     [this, exchange](Greenlet& greenlet) {
                       engine_.start(*client_, *exchange, [&greenlet] { greenlet.wake(); });
                     },
                 .cancel =
                     [this, exchange](Greenlet&) {
                       engine_.cancel(*exchange);
                       ++cancelled_;
                     }});
  if (!complete) throw UserKilled{};
}

void GreenletContext::wait_any(HttpWaits&) { std::abort(); }

void GreenletContext::sleep(Duration d) {
  const TimePoint now = clock().now();
  if (!hub_.sleep(std::clamp(d, Duration::zero(), TimePoint::max() - now))) throw UserKilled{};
}

void GreenletContext::wait(Gate&) { std::abort(); }

void GreenletCarrier::start(std::function<void()> body) {
  greenlet_ = std::make_unique<Greenlet>(context_.hub(), std::move(body), ended_);
  greenlet_->start();
}

int GreenletCarrier::kill() {
  const int before = context_.cancelled();
  if (greenlet_) greenlet_->kill();
  return context_.cancelled() - before;
}

int GreenletCarrier::abandon() {
  const int before = context_.cancelled();
  if (greenlet_) greenlet_->abandon();
  return context_.cancelled() - before;
}

}  // namespace locust::worker
