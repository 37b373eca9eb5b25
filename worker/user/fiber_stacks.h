// FiberStacks: memory for the stacks of fibers.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

namespace locust::worker {

// The usable bytes of one stack; it grows downwards from `top()`.
struct FiberStack {
  std::byte* bottom = nullptr;
  std::size_t size = 0;
  bool guarded = false;  // a page without access lies below it
  std::byte* top() const { return bottom + size; }
};

// Stacks of one size, carved from large mappings; only touched pages cost memory. Freed stacks are
// used again, the last freed first because its pages are warm. One thread; outlives its stacks.
//
// A guard page below each stack costs two of the process's mappings (vm.max_map_count, 65,530 by
// default), so only the first `max_guarded` stacks have one. The others border on each other and
// intact() finds an overflow afterwards: the lowest bytes of a stack that nobody reached are zero.
class FiberStacks {
 public:
  static constexpr std::size_t kDefaultStackBytes = std::size_t{128} << 10;
  static constexpr std::size_t kDefaultMaxGuarded = 4096;

  explicit FiberStacks(std::size_t stack_bytes = kDefaultStackBytes,
                       std::size_t max_guarded = kDefaultMaxGuarded);
  ~FiberStacks();
  FiberStacks(const FiberStacks&) = delete;
  FiberStacks& operator=(const FiberStacks&) = delete;

  // Throws std::bad_alloc if the system gives no more memory.
  FiberStack take();
  void give_back(FiberStack stack);

  // False: something ran over the lower end of an unguarded stack, and likely into its neighbour.
  static bool intact(const FiberStack& stack);

  std::size_t stack_bytes() const { return stack_bytes_; }
  std::size_t created() const { return created_; }

 private:
  struct Slab {
    void* address;
    std::size_t size;
  };

  void add_slab();

  std::size_t stack_bytes_;
  std::size_t max_guarded_;
  std::size_t created_ = 0;
  std::deque<FiberStack> free_;  // the warm ones at the back
  std::size_t warm_ = 0;
  std::vector<Slab> slabs_;
};

}  // namespace locust::worker
