// Hub and Greenlet: let Python code wait without blocking the loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#include "common/base/scheduler.h"
#include "common/python/process_state.h"
#include "common/python/ref.h"

namespace locust::python {

class Greenlet;
class Hub;

// How a greenlet waits. Both functions are called on the loop's own stack: `begin` once the
// greenlet has parked, `cancel` if it is killed before it was woken. They must not refer to the
// greenlet's stack: greenlets share one stack, and that of a parked one is copied away.
struct Wait {
  std::function<void(Greenlet&)> begin;
  std::function<void(Greenlet&)> cancel;
};

// Runs a body on a greenlet of its own. Created, used and destroyed on the loop's thread with the
// GIL held. Only the loop resumes it. No C++ exception is in flight across a switch.
class Greenlet {
 public:
  // `body` must not throw. `ended` is called from the loop when the body has ended within
  // start() or a wake-up, not within kill() or abandon(), and must not destroy the greenlet.
  Greenlet(Hub& hub, std::function<void()> body, std::function<void()> ended);
  // abandon()
  ~Greenlet();
  Greenlet(const Greenlet&) = delete;
  Greenlet& operator=(const Greenlet&) = delete;

  // --- On the loop's stack.

  void start();
  // Ends the wait and runs the body until the next one. Does nothing if the greenlet does not wait.
  void wake();
  // Ends the open wait: Hub::wait returns false, and its caller must raise `exception`, an instance
  // or a class; GreenletExit if null.
  void kill(Ref exception = {});
  // The same for this and every later wait until the body has ended. After kMaxUnwinds waits the
  // body is not resumed again.
  void abandon();
  bool done() const { return state_ == State::kDone; }

  static constexpr int kMaxUnwinds = 1000;

 private:
  friend class Hub;
  enum class State : std::uint8_t { kCreated, kRunning, kParked, kDone };

  static PyObject* enter(PyObject* capsule, PyObject* none);
  void run();
  void cancel_wait();

  Hub& hub_;
  std::function<void()> body_;
  std::function<void()> ended_;
  Ref greenlet_;
  State state_ = State::kCreated;
  bool killed_ = false;
  bool unwinding_ = false;
  int unwound_ = 0;
  Wait wait_;
  Ref exception_;
  TimerId timer_ = 0;  // of Hub::sleep and Hub::wake_later
};

// Provides waits for the greenlets of one thread and owns those that Python code spawned. Created
// and destroyed on that thread's own stack with the GIL held.
class Hub {
 public:
  using Id = std::uint64_t;

  // Runs a function on the loop's thread, as EventLoop::post.
  using Post = std::function<void(std::function<void()>)>;

  Hub(Scheduler& scheduler, Post post);
  // abandon_all()
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // Of this process; null before the loop runs and after it.
  static Hub* instance() { return process_state().hub; }

  bool is_on_thread() const { return std::this_thread::get_id() == thread_; }

  // --- On a greenlet's stack.

  // The running greenlet; null on the loop's own stack and on other threads, where nothing can
  // wait.
  Greenlet* current() const { return is_on_thread() ? current_ : nullptr; }
  // Return false if the wait was ended: the caller must call raise() and return to Python. Not on
  // the loop's stack.
  [[nodiscard]] bool wait(Wait wait);
  [[nodiscard]] bool sleep(Duration duration);
  // Sets Python's current exception to the one that ended the last wait of this greenlet.
  void raise();
  // Waits until unpark().
  [[nodiscard]] bool park();
  // An id by which Python code refers to the running greenlet, spawned or a user's.
  Id id_of_current();

  // --- On any thread with the GIL held. Calls from threads other than the hub's are carried out in
  // --- a later turn.

  // Calls `callable` in a greenlet in a later turn of the hub. Before there is a hub, the call
  // waits for it. Exceptions go to report_unraisable().
  static Id spawn(Ref callable);
  // In a later turn: wakes a greenlet that is in park(), or makes its next park() return
  // immediately.
  void unpark(Id id);
  // Ends the greenlet's wait in a later turn, after `delay`, like Greenlet::kill. Does nothing if
  // the greenlet has ended. Returns an id for cancel().
  std::uint64_t kill_later(Id id, Ref exception, Duration delay = Duration::zero());
  // Calls `callable` on the loop's stack, where it must not wait. Returns an id for cancel().
  std::uint64_t call_later(Duration delay, Ref callable);
  void cancel(std::uint64_t call);

  // --- On the loop's stack.

  // Like spawn(), but runs the callable immediately, until it waits or has ended. On a greenlet's
  // stack the same as spawn().
  void run_now(Ref callable);
  // Ends the greenlets that Python code spawned and cancels what they wait for.
  void abandon_all();

  // How many times and since when a greenlet has run, for observers on other threads.
  struct Activity {
    std::atomic<std::uint64_t> turn{0};
    std::atomic<std::int64_t> since_ns{0};  // 0 if none runs
  };
  const Activity& activity() const { return activity_; }
  Scheduler& scheduler() const { return scheduler_; }

 private:
  friend class Greenlet;
  struct Named {
    Greenlet* greenlet = nullptr;
    bool unparked = false;
    bool parked = false;
  };

  void forget(const Greenlet& greenlet);
  void collect_later(Id id);

  using Waiting = ProcessState::EarlySpawn;

  void do_on_thread(std::function<void()> action);
  void do_posted();
  void add(Waiting waiting);
  void start(Waiting waiting);
  void run_spawned(Id id);
  void unpark_here(Id id);
  void kill(Id id, const Ref& exception);
  std::uint64_t call_with(Duration delay, Ref object, std::function<void(const Ref&)> function);
  static void run_call(const Ref& callable);

  Scheduler& scheduler_;
  const Post post_;
  const std::thread::id thread_ = std::this_thread::get_id();
  std::vector<std::function<void()>> posted_;  // by other threads; guarded by the GIL
  Ref main_;
  Greenlet* current_ = nullptr;
  std::unordered_map<Id, std::unique_ptr<Greenlet>> spawned_;
  std::unordered_map<Id, Named> named_;
  std::unordered_map<const Greenlet*, Id> ids_;
  std::vector<std::unique_ptr<Greenlet>> ended_;
  TimerId collect_timer_ = 0;
  struct Call {
    TimerId timer = 0;
    Ref object;
  };
  std::unordered_map<std::uint64_t, Call> calls_;  // here, so that none outlives the hub
  std::uint64_t last_call_ = 0;
  Activity activity_;
};

}  // namespace locust::python
