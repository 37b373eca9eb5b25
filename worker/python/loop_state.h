// LoopState: what objects of Python need of the loop that their users run on.
#pragma once

#include <set>
#include <utility>

#include "common/python/hub.h"
#include "worker/loop/user_pool.h"
#include "worker/python/greenlet_context.h"

namespace locust::worker {

struct SessionState;

// One per process, while its loop runs. The loop's thread, with the GIL held.
struct LoopState {
  LoopState(Scheduler& scheduler, python::Hub::Post post, HttpEngine& http_engine)
      : hub(scheduler, std::move(post)), engine(http_engine), context(hub, engine) {
    instance = this;
  }
  ~LoopState() { instance = nullptr; }
  LoopState(const LoopState&) = delete;
  LoopState& operator=(const LoopState&) = delete;

  inline static LoopState* instance = nullptr;

  python::Hub hub;
  HttpEngine& engine;
  GreenletContext context;
  UserPool* pool = nullptr;  // null until it is there
  UserEvents events{};       // of sessions that are no user's
  // Those of Python objects that are still there: they must not outlive the engine.
  std::set<SessionState*> sessions{};
  bool request_listeners = false;  // whether events.request has any
};

}  // namespace locust::worker
