// LoopState: what objects of Python need of the loop that their users run on.
#pragma once

#include <set>
#include <utility>

#include "common/python/hub.h"
#include "worker/loop/user_pool.h"
#include "worker/python/greenlet_context.h"
#include "worker/python/module_state.h"

namespace locust::worker {

struct SessionState;

// One per process, while its loop runs. The loop's thread, with the GIL held.
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
  UserPool* pool = nullptr;  // null until it is there
  UserEvents events{};       // of sessions that are no user's
  // Those of Python objects that are still there: they must not outlive the engine.
  std::set<SessionState*> sessions{};
};

}  // namespace locust::worker
