// What the process has allocated.
#pragma once

#include <malloc.h>

#include <cstddef>

namespace locust::fakes {

// Bytes; always 0 where a sanitizer allocates.
inline std::size_t heap_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace locust::fakes
