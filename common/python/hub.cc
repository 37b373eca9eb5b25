#include "common/python/hub.h"

#include <utility>

#include "common/python/greenlet_api.h"

namespace locust::python {

Greenlet::Greenlet(Hub& hub, std::function<void()> body, std::function<void()> ended)
    : hub_(hub), body_(std::move(body)), ended_(std::move(ended)) {}

Greenlet::~Greenlet() {
  abandon();
  hub_.forget(*this);
}

PyObject* Greenlet::enter(PyObject* capsule, PyObject*) {
  GreenletApi::entered();
  auto* const self = static_cast<Greenlet*>(PyCapsule_GetPointer(capsule, nullptr));
  self->body_();
  self->state_ = State::kDone;
  Py_RETURN_NONE;
}

void Greenlet::start() {
  static PyMethodDef entry = {"enter", &Greenlet::enter, METH_NOARGS, nullptr};
  const Ref capsule(PyCapsule_New(this, nullptr, nullptr));
  const Ref function(capsule ? PyCFunction_New(&entry, capsule.get()) : nullptr);
  if (function) greenlet_ = GreenletApi::create(function.get());
  if (!greenlet_) {
    report_unraisable("starting a greenlet");
    state_ = State::kDone;
    return;
  }
  run();
}

// Runs the body until it waits, then starts the wait.
void Greenlet::run() {
  state_ = State::kRunning;
  hub_.current_ = this;
  hub_.activity_.turn.fetch_add(1, std::memory_order_relaxed);
  hub_.activity_.since_ns.store(hub_.scheduler_.clock().now().time_since_epoch().count(),
                                std::memory_order_relaxed);
  const Ref result = GreenletApi::switch_to(greenlet_.get());
  hub_.activity_.since_ns.store(0, std::memory_order_relaxed);
  hub_.current_ = nullptr;
  if (!result) report_unraisable("a greenlet");
  if (state_ == State::kRunning) state_ = State::kDone;  // ended by an exception before its body
  if (state_ == State::kDone) {
    greenlet_ = {};
    return;
  }
  if (wait_.begin) std::exchange(wait_.begin, nullptr)(*this);
}

void Greenlet::wake() {
  if (state_ != State::kParked) return;
  wait_ = {};
  run();
  if (done() && ended_) ended_();
}

void Greenlet::cancel_wait() {
  const Wait wait = std::exchange(wait_, {});
  if (wait.cancel) wait.cancel(*this);
}

void Greenlet::kill(Ref exception) {
  if (state_ == State::kCreated) state_ = State::kDone;
  if (state_ != State::kParked) return;
  cancel_wait();
  exception_ = std::move(exception);
  killed_ = true;
  run();
}

void Greenlet::abandon() {
  if (state_ == State::kCreated) state_ = State::kDone;
  if (state_ != State::kParked) return;
  unwinding_ = true;
  kill();
  if (done()) return;
  greenlet_.release();  // its destruction would resume it
  state_ = State::kDone;
}

Hub::Hub(Scheduler& scheduler, Post post)
    : scheduler_(scheduler), post_(std::move(post)), main_(GreenletApi::current()) {
  process_state().hub = this;
  for (Waiting& waiting : std::exchange(process_state().early_spawns, {})) {
    start(std::move(waiting));
  }
}

Hub::~Hub() {
  abandon_all();
  scheduler_.cancel(collect_timer_);
  for (const auto& [id, call] : calls_) scheduler_.cancel(call.timer);
  ended_.clear();
  process_state().hub = nullptr;
}

void Hub::abandon_all() {
  while (!spawned_.empty()) {
    const auto first = spawned_.begin();
    const std::unique_ptr<Greenlet> greenlet = std::move(first->second);
    spawned_.erase(first);
  }
}

// The actions are kept here because they hold Python objects: the loop may destroy a posted
// function without the GIL, and after the hub.
void Hub::do_on_thread(std::function<void()> action) {
  if (is_on_thread()) {
    action();
    return;
  }
  posted_.push_back(std::move(action));
  post_([] {
    if (instance() != nullptr) instance()->do_posted();
  });
}

void Hub::do_posted() {
  for (const auto& action : std::exchange(posted_, {})) action();
}

bool Hub::wait(Wait wait) {
  Greenlet& greenlet = *current_;  // its own thread: callers have asked current()
  if (greenlet.unwinding_) {
    greenlet.exception_ = {};
    if (++greenlet.unwound_ <= Greenlet::kMaxUnwinds) return false;
    wait = {};
  }
  greenlet.wait_ = std::move(wait);
  greenlet.state_ = Greenlet::State::kParked;
  // By Python code of its own, which only the loop may do.
  if (const Ref result = GreenletApi::switch_to(main_.get()); !result) {
    greenlet.exception_ = take_exception();
    return false;
  }
  return !std::exchange(greenlet.killed_, false);
}

bool Hub::sleep(Duration duration) {
  return wait(
      {.begin =
           [duration](Greenlet& greenlet) {
             greenlet.timer_ =
                 greenlet.hub_.scheduler_.call_after(duration, [&greenlet] { greenlet.wake(); });
           },
       .cancel = [](Greenlet& greenlet) { greenlet.hub_.scheduler_.cancel(greenlet.timer_); }});
}

void Hub::raise() {
  const Ref exception = current_ == nullptr ? Ref() : std::exchange(current_->exception_, Ref());
  PyObject* const value = exception ? exception.get() : GreenletApi::exit_type();
  if (PyExceptionClass_Check(value)) {
    PyErr_SetNone(value);
  } else {
    PyErr_SetObject(PyExceptionInstance_Class(value), value);
  }
}

Hub::Id Hub::spawn(Ref callable) {
  Waiting waiting{++process_state().newest_greenlet, std::move(callable)};
  const Id id = waiting.id;
  if (instance() != nullptr) {
    Hub& hub = *instance();
    hub.do_on_thread([&hub, waiting = std::move(waiting)] { hub.start(waiting); });
  } else {
    process_state().early_spawns.push_back(std::move(waiting));
  }
  return id;
}

void Hub::start(Waiting waiting) {
  const Id id = waiting.id;
  add(std::move(waiting));
  scheduler_.call_after(Duration::zero(), [this, id] { run_spawned(id); });
}

void Hub::run_now(Ref callable) {
  if (current_ != nullptr) {
    spawn(std::move(callable));
    return;
  }
  const Id id = ++process_state().newest_greenlet;
  add({id, std::move(callable)});
  run_spawned(id);
}

void Hub::add(Waiting waiting) {
  const Id id = waiting.id;
  const auto body = [callable = std::move(waiting.callable)] {
    if (const Ref result(PyObject_CallNoArgs(callable.get())); result) return;
    if (PyErr_ExceptionMatches(GreenletApi::exit_type())) {
      PyErr_Clear();
    } else {
      report_unraisable(callable.get());
    }
  };
  auto greenlet = std::make_unique<Greenlet>(*this, body, [this, id] { collect_later(id); });
  named_[id].greenlet = greenlet.get();
  ids_[greenlet.get()] = id;
  spawned_[id] = std::move(greenlet);
}

void Hub::run_spawned(Id id) {
  const auto found = spawned_.find(id);
  if (found == spawned_.end()) return;
  if (!found->second->done()) found->second->start();
  if (found->second->done()) collect_later(id);
}

// The greenlet may be within a wake-up, so it is destroyed in a later turn.
void Hub::collect_later(Id id) {
  const auto found = spawned_.find(id);
  if (found == spawned_.end()) return;
  ended_.push_back(std::move(found->second));
  spawned_.erase(found);
  if (collect_timer_ != 0) return;
  collect_timer_ = scheduler_.call_after(Duration::zero(), [this] {
    collect_timer_ = 0;
    ended_.clear();
  });
}

void Hub::forget(const Greenlet& greenlet) {
  const auto found = ids_.find(&greenlet);
  if (found == ids_.end()) return;
  named_.erase(found->second);
  ids_.erase(found);
}

Hub::Id Hub::id_of_current() {
  const auto [place, is_new] = ids_.try_emplace(current_, 0);
  if (is_new) {
    place->second = ++process_state().newest_greenlet;
    named_[place->second].greenlet = current_;
  }
  return place->second;
}

void Hub::unpark(Id id) {
  do_on_thread([this, id] { unpark_here(id); });
}

void Hub::unpark_here(Id id) {
  const auto found = named_.find(id);
  if (found == named_.end()) return;
  Named& named = found->second;
  if (!std::exchange(named.parked, false)) {
    named.unparked = true;
    return;
  }
  named.greenlet->timer_ =
      scheduler_.call_after(Duration::zero(), [greenlet = named.greenlet] { greenlet->wake(); });
}

bool Hub::park() {
  const Id id = id_of_current();
  if (std::exchange(named_[id].unparked, false)) return true;
  named_[id].parked = true;
  return wait({.begin = {}, .cancel = [](Greenlet& greenlet) {
                 Hub& hub = greenlet.hub_;
                 hub.scheduler_.cancel(greenlet.timer_);
                 hub.named_[hub.ids_.at(&greenlet)].parked = false;
               }});
}

std::uint64_t Hub::kill_later(Id id, Ref exception, Duration delay) {
  return call_with(delay, std::move(exception), [this, id](const Ref& e) { kill(id, e); });
}

void Hub::kill(Id id, const Ref& exception) {
  const auto found = named_.find(id);
  if (found == named_.end()) return;
  Greenlet* const greenlet = found->second.greenlet;
  greenlet->kill(exception);
  if (greenlet->done() && greenlet->ended_) greenlet->ended_();
}

std::uint64_t Hub::call_later(Duration delay, Ref callable) {
  return call_with(delay, std::move(callable), &Hub::run_call);
}

// Calls `function` with `object` after `delay`. Keeps `object` until then.
std::uint64_t Hub::call_with(Duration delay, Ref object, std::function<void(const Ref&)> function) {
  const std::uint64_t call = ++last_call_;
  do_on_thread([this, call, delay, object = std::move(object), function = std::move(function)] {
    calls_[call] = {scheduler_.call_after(delay,
                                          [this, call, function] {
                                            const auto due = calls_.extract(call);
                                            function(due.mapped().object);
                                          }),
                    object};
  });
  return call;
}

void Hub::run_call(const Ref& callable) {
  if (const Ref result(PyObject_CallNoArgs(callable.get())); result) return;
  report_unraisable(callable.get());
}

void Hub::cancel(std::uint64_t call) {
  do_on_thread([this, call] {
    const auto found = calls_.find(call);
    if (found == calls_.end()) return;
    scheduler_.cancel(found->second.timer);
    calls_.erase(found);
  });
}

}  // namespace locust::python
