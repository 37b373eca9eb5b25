#include "worker/user/fiber_stacks.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "worker/user/sanitizers.h"

namespace locust::worker {
namespace {

constexpr std::size_t kStacksPerSlab = 64;
// Free stacks beyond this number return their pages to the system.
constexpr std::size_t kMaxWarm = 1024;
constexpr std::size_t kCanaryBytes = 128;
// Frames are up to ten times larger under a sanitizer.
constexpr std::size_t kSizeFactor = kSanitized ? 16 : 1;

std::size_t page_bytes() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

std::size_t round_to_pages(std::size_t bytes) {
  return (bytes + page_bytes() - 1) / page_bytes() * page_bytes();
}

}  // namespace

FiberStacks::FiberStacks(std::size_t stack_bytes, std::size_t max_guarded)
    : stack_bytes_(round_to_pages(stack_bytes * kSizeFactor)), max_guarded_(max_guarded) {}

FiberStacks::~FiberStacks() {
  for (const Slab& slab : slabs_) munmap(slab.address, slab.size);
}

FiberStack FiberStacks::take() {
  if (free_.empty()) add_slab();
  const FiberStack stack = free_.back();
  free_.pop_back();
  warm_ -= std::min<std::size_t>(warm_, 1);
  return stack;
}

void FiberStacks::give_back(FiberStack stack) {
  unpoison_stack(stack.bottom, stack.size);
  if (warm_ < kMaxWarm) {
    ++warm_;
    free_.push_back(stack);
    return;
  }
  madvise(stack.bottom, stack.size, MADV_DONTNEED);
  free_.push_front(stack);
}

// A slab always has a page without access at its lower end, so that slabs neither overflow into
// each other nor merge into one mapping; a guarded one has such a page below every stack.
void FiberStacks::add_slab() {
  const bool guarded = created_ < max_guarded_;
  const std::size_t guard = page_bytes();
  const std::size_t stride = stack_bytes_ + (guarded ? guard : 0);
  const std::size_t size = stride * kStacksPerSlab + (guarded ? 0 : guard);
  void* address = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (address == MAP_FAILED) throw std::bad_alloc();
  slabs_.push_back({address, size});
  // A huge page would make the whole slab resident at the first touch of one stack.
  madvise(address, size, MADV_NOHUGEPAGE);

  auto* slab = static_cast<std::byte*>(address);
  for (std::size_t i = 0; i < kStacksPerSlab; ++i) {
    std::byte* start = slab + i * stride;
    const bool has_guard = guarded || i == 0;
    if (has_guard && mprotect(start, guard, PROT_NONE) != 0) throw std::bad_alloc();
    free_.push_front({.bottom = start + guard, .size = stack_bytes_, .guarded = has_guard});
  }
  created_ += kStacksPerSlab;
}

bool FiberStacks::intact(const FiberStack& stack) {
  if (stack.guarded) return true;
  // Reading a page never written maps the kernel's shared page of zeros, which costs no memory.
  return std::all_of(stack.bottom, stack.bottom + kCanaryBytes,
                     [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace locust::worker
