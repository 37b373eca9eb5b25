#include "common/base/last_words.h"

#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>

#include "common/base/log.h"

namespace locust {
namespace {

// Allocates nothing.
const char* uncaught_exception() {
  try {
    if (std::current_exception()) throw;
  } catch (const std::bad_alloc&) {
    return "the system refuses memory, or a mapping of it (ulimit -v, vm.max_map_count)";
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of unknown type";
  }
  return "terminated";
}

[[noreturn]] void end_process() {
  static std::mutex ending;
  ending.lock();  // never unlocked: several threads may end at the same time
  log::main().critical("This process ends: {}", uncaught_exception());
  log::shutdown();
  std::_Exit(1);
}

}  // namespace

void log_uncaught_exceptions() { std::set_terminate(end_process); }

}  // namespace locust
