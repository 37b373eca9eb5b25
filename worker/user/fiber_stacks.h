// FiberStacks: memory for the stacks of fibers.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

namespace locust::worker {

// The usable bytes of one stack, which grows downwards from `top()`.
struct FiberStack {
  std::byte* bottom = nullptr;
  std::size_t size = 0;
  bool guarded = false;  // there is an inaccessible page below it
  std::byte* top() const { return bottom + size; }
};

// Stacks of one size in large mappings; only touched pages use memory. Freed stacks are reused, the
// last freed first, because its pages are warm. Not thread-safe. Must outlive its stacks.
//
// A guard page below each stack costs two of the process's mappings (vm.max_map_count, 65,530 by
// default), so only the first `max_guarded` stacks have one. The others are adjacent, and intact()
// detects an overflow afterwards: the lowest bytes of an intact stack are zero.
class FiberStacks {
 public:
  static constexpr std::size_t kDefaultStackBytes = std::size_t{128} << 10;
  static constexpr std::size_t kDefaultMaxGuarded = 4096;

  explicit FiberStacks(std::size_t stack_bytes = kDefaultStackBytes,
                       std::size_t max_guarded = kDefaultMaxGuarded);
  ~FiberStacks();
  FiberStacks(const FiberStacks&) = delete;
  FiberStacks& operator=(const FiberStacks&) = delete;

  // Throws std::bad_alloc if the system has no more memory.
  FiberStack take();
  void give_back(FiberStack stack);

  // Returns false if an unguarded stack overflowed, probably into its neighbour.
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
  std::deque<FiberStack> free_;  // warm stacks at the back
  std::size_t warm_ = 0;
  std::vector<Slab> slabs_;
};

}  // namespace locust::worker
