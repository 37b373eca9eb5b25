// The memory that the process has allocated.
#pragma once

#include <malloc.h>

#include <cstddef>

namespace locust::fakes {

// In bytes; always 0 with a sanitizer's allocator.
inline std::size_t heap_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace locust::fakes
