#include "common/base/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace locust {
namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

EventLoop::EventLoop(const Clock& clock)
    : clock_(clock),
      epoll_fd_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (epoll_fd_ < 0) throw_errno("epoll_create1");
  if (wake_fd_ < 0) throw_errno("eventfd");
  watch(wake_fd_, EPOLLIN, [this](std::uint32_t) {
    std::uint64_t count = 0;
    while (::read(wake_fd_, &count, sizeof count) > 0) {
    }
  });
}

EventLoop::~EventLoop() {
  ::close(wake_fd_);
  ::close(epoll_fd_);
}

TimerId EventLoop::call_at(TimePoint deadline, std::function<void()> fn) {
  return timers_.add(deadline, std::move(fn));
}

void EventLoop::watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> fn) {
  const bool known = watches_.contains(fd);
  // The generation distinguishes a stale event of a closed and reused descriptor from a current
  // one.
  const std::uint64_t generation = ++last_generation_ & 0xffffffffU;
  epoll_event event{};
  event.events = events;
  event.data.u64 = (generation << 32) | static_cast<std::uint32_t>(fd);
  int rc = ::epoll_ctl(epoll_fd_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
  // A library may have closed the descriptor without unwatch(); the kernel has then removed it from
  // the set.
  if (rc != 0 && known && errno == ENOENT) rc = ::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event);
  if (rc != 0) throw_errno("epoll_ctl");
  watches_[fd] = Watch{generation, std::move(fn)};
}

void EventLoop::unwatch(int fd) {
  if (watches_.erase(fd) == 0) return;
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd,
              nullptr);  // fails harmlessly if the descriptor is closed already
}

void EventLoop::add_prepare(std::function<Prepared()> fn) { prepares_.push_back(std::move(fn)); }

void EventLoop::post(std::function<void()> fn) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(fn));
  }
  wake();
}

void EventLoop::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written =
      ::write(wake_fd_, &one, sizeof one);  // a full counter has woken us already
}

void EventLoop::run_posted() {
  std::vector<std::function<void()>> batch;
  {
    const std::lock_guard lock(posted_mutex_);
    batch.swap(posted_);
  }
  for (auto& fn : batch) fn();
}

int EventLoop::wait_timeout_ms(Duration max_wait) {
  Duration wait = max_wait;
  if (const auto deadline = timers_.next_deadline())
    wait = std::min(wait, *deadline - clock_.now());
  if (wait <= Duration::zero()) return 0;
  // Round up: waking a fraction of a millisecond early would spin until the deadline.
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  return static_cast<int>(std::min<std::int64_t>(ms, 3'600'000));
}

void EventLoop::run_once(Duration max_wait) {
  bool work_left = false;
  for (std::size_t i = 0; i < prepares_.size();) {
    const Prepared prepared = prepares_[i]();
    work_left = work_left || prepared == Prepared::kWorkLeft;
    if (prepared == Prepared::kRemoveMe) {
      prepares_.erase(prepares_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }

  std::array<epoll_event, 256> events;
  const int timeout = work_left ? 0 : wait_timeout_ms(max_wait);
  if (before_wait_) before_wait_();
  const int count =
      ::epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), timeout);
  const int error = errno;
  if (after_wait_) after_wait_();
  errno = error;
  if (count < 0 && errno != EINTR) throw_errno("epoll_wait");

  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const auto fd = static_cast<int>(static_cast<std::uint32_t>(event.data.u64));
    const auto it = watches_.find(fd);
    if (it == watches_.end() || it->second.generation != event.data.u64 >> 32) continue;
    const auto fn = it->second.fn;  // a copy: the callback may unwatch or replace itself
    fn(event.events);
  }
  timers_.run_due(clock_.now());
  run_posted();
}

void EventLoop::run() {
  while (!stopping_.load(std::memory_order_acquire)) run_once(std::chrono::hours(1));
  stopping_.store(false, std::memory_order_release);
}

void EventLoop::stop() {
  stopping_.store(true, std::memory_order_release);
  wake();
}

}  // namespace locust
