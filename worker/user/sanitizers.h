// Notifies the sanitizers of switches between fibers; empty in normal builds.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define LOCUST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LOCUST_ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define LOCUST_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LOCUST_TSAN 1
#endif
#endif

#if defined(LOCUST_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(LOCUST_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace locust::worker {

#if defined(LOCUST_ASAN) || defined(LOCUST_TSAN)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// Clears the frames of an ended fiber from its stack, so that the next fiber starts clean.
inline void unpoison_stack([[maybe_unused]] const void* bottom, [[maybe_unused]] std::size_t size) {
#if defined(LOCUST_ASAN)
  __asan_unpoison_memory_region(bottom, size);
#endif
}

}  // namespace locust::worker
