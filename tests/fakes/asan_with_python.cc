// For tests that run Python under AddressSanitizer.
#include <cstdlib>

extern "C" const char* __asan_default_options();       // NOLINT: ASan's name
extern "C" const char* __lsan_default_suppressions();  // NOLINT: LSan's name

// greenlet copies stacks with their red zones, which the checks of memcpy would report.
const char* __asan_default_options() {  // NOLINT
  return "replace_intrin=0:detect_stack_use_after_return=0";
}

// greenlet keeps the state of its first thread.
const char* __lsan_default_suppressions() {  // NOLINT
  return "leak:greenlet::ThreadStateCreator\n";
}

namespace {

// Python's own allocator would hide its objects, and what they refer to, from both.
[[maybe_unused]] const int python_uses_malloc = ::setenv("PYTHONMALLOC", "malloc", 1);

}  // namespace
