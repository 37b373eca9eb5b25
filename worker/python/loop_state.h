// LoopState: the parts of the users' loop that Python objects refer to.
#pragma once

#include <set>
#include <utility>

#include "common/python/hub.h"
#include "worker/loop/user_pool.h"
#include "worker/python/greenlet_context.h"
#include "worker/python/module_state.h"

namespace locust::worker {

struct SessionState;

// One per process, while the loop runs. Used on the loop's thread with the GIL held.
struct LoopState {
  LoopState(Scheduler& scheduler, python::Hub::Post post, HttpEngine& http_engine)
      : hub(scheduler, std::move(post)), engine(http_engine), context(hub, engine) {
    module_state.loop = this;
  }
  ~LoopState() { module_state.loop = nullptr; }
  LoopState(const LoopState&) = delete;
  LoopState& operator=(const LoopState&) = delete;

  python::Hub hub;
  HttpEngine& engine;
  GreenletContext context;
  UserPool* pool = nullptr;  // null before the pool exists and after the loop has ended
  UserEvents events{};       // of sessions that belong to no user
  // The sessions of live Python objects. They must not outlive the engine.
  std::set<SessionState*> sessions{};
};

}  // namespace locust::worker
