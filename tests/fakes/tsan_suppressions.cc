// Linked into every test of the tsan configuration. Debian's libspdlog is not instrumented, so TSan
// sees the frees of its logging thread's shared pointers but not the atomic counts that order them.
extern "C" const char* __tsan_default_suppressions();  // NOLINT: TSan's name

const char* __tsan_default_suppressions() {  // NOLINT
  return "race:spdlog::*::~*\n"
         "race:_Sp_counted_ptr_inplace<spdlog::*_M_destroy\n";
}
