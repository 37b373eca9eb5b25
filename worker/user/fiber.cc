#include "worker/user/fiber.h"

#include <cxxabi.h>

#include <cstdlib>
#include <utility>

#include "worker/user/sanitizers.h"

#if defined(LOCUST_ASAN) || defined(LOCUST_TSAN)
#include <ucontext.h>

#include <cstdint>
#else
#include <boost/context/fiber.hpp>
#include <boost/context/preallocated.hpp>
#endif

#include "common/base/log.h"

namespace locust::worker {

#if defined(LOCUST_ASAN) || defined(LOCUST_TSAN)

// The sanitizers follow swapcontext only if they are notified before and after each switch.
struct Fiber::Machine {
  ucontext_t inside{};
  ucontext_t outside{};
#if defined(LOCUST_ASAN)
  void* inside_fake_stack = nullptr;
  void* outside_fake_stack = nullptr;
  const void* outside_bottom = nullptr;
  std::size_t outside_size = 0;
#endif
#if defined(LOCUST_TSAN)
  void* inside_tsan = __tsan_create_fiber(0);
  void* outside_tsan = nullptr;
  ~Machine() { __tsan_destroy_fiber(inside_tsan); }
#endif

  // The first thing to do on the fiber's stack after each switch into it.
  void arrived() {
#if defined(LOCUST_ASAN)
    __sanitizer_finish_switch_fiber(inside_fake_stack, &outside_bottom, &outside_size);
#endif
  }

  static void entry(unsigned low, unsigned high) {
    const std::uintptr_t address = (std::uintptr_t{high} << 32) | low;
    auto* fiber = reinterpret_cast<Fiber*>(address);
    fiber->machine_->arrived();
    fiber->enter();
    fiber->switch_out();
    std::abort();
  }
};

void Fiber::switch_in() {
  Machine& m = *machine_;
  if (!started_) {
    started_ = true;
    getcontext(&m.inside);
    m.inside.uc_stack.ss_sp = stack_.bottom;
    m.inside.uc_stack.ss_size = stack_.size;
    m.inside.uc_link = nullptr;
    const auto address = reinterpret_cast<std::uintptr_t>(this);
    makecontext(&m.inside, reinterpret_cast<void (*)()>(&Machine::entry), 2,
                static_cast<unsigned>(address), static_cast<unsigned>(address >> 32));
  }
#if defined(LOCUST_ASAN)
  __sanitizer_start_switch_fiber(&m.outside_fake_stack, stack_.bottom, stack_.size);
#endif
#if defined(LOCUST_TSAN)
  m.outside_tsan = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(m.inside_tsan, 0);
#endif
  swapcontext(&m.outside, &m.inside);
#if defined(LOCUST_ASAN)
  __sanitizer_finish_switch_fiber(m.outside_fake_stack, nullptr, nullptr);
#endif
}

void Fiber::switch_out() {
  Machine& m = *machine_;
#if defined(LOCUST_ASAN)
  __sanitizer_start_switch_fiber(done_ ? nullptr : &m.inside_fake_stack, m.outside_bottom,
                                 m.outside_size);
#endif
#if defined(LOCUST_TSAN)
  __tsan_switch_to_fiber(m.outside_tsan, 0);
#endif
  swapcontext(&m.inside, &m.outside);
  m.arrived();
}

#else

struct Fiber::Machine {
  boost::context::fiber inside;
  boost::context::fiber outside;
};

namespace {

// FiberStacks owns the stack: Boost must not free it.
struct BorrowedStack {
  void deallocate(boost::context::stack_context&) noexcept {}
};

}  // namespace

void Fiber::switch_in() {
  if (!started_) {
    started_ = true;
    boost::context::stack_context context;
    context.sp = stack_.top();
    context.size = stack_.size;
    machine_->inside = boost::context::fiber(
        std::allocator_arg, boost::context::preallocated(stack_.top(), stack_.size, context),
        BorrowedStack{}, [this](boost::context::fiber&& outside) {
          machine_->outside = std::move(outside);
          enter();
          return std::move(machine_->outside);
        });
  }
  machine_->inside = std::move(machine_->inside).resume();
}

void Fiber::switch_out() { machine_->outside = std::move(machine_->outside).resume(); }

#endif

Fiber::Fiber(FiberStacks& stacks, std::function<void()> body)
    : stacks_(stacks),
      stack_(stacks.take()),
      body_(std::move(body)),
      machine_(std::make_unique<Machine>()) {}

Fiber::~Fiber() {
  unwind();
  machine_.reset();
  stacks_.give_back(stack_);
}

void Fiber::resume() {
  // Both sides run on this thread, so its exception state can be exchanged on this side alone.
  swap_exception_state();
  switch_in();
  swap_exception_state();
  if (!FiberStacks::intact(stack_)) {
    log::user().critical("A user's stack of {} bytes has overflowed", stack_.size);
    log::shutdown();
    std::abort();
  }
}

void Fiber::unwind() {
  if (!started_ || done_) return;
  unwinding_ = true;
  resume();
}

void Fiber::park() {
  if (!unwinding_) switch_out();
  if (unwinding_) throw UserKilled{};
}

void Fiber::enter() {
  try {
    body_();
  } catch (const UserKilled&) {
  }
  done_ = true;
}

void Fiber::swap_exception_state() {
  auto* current = reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals());
  std::swap(*current, exception_state_);
}

}  // namespace locust::worker
