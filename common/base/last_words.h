// What a process says when it cannot go on.
#pragma once

namespace locust {

// From now on an exception that nothing catches, on whatever thread, ends the process by one line in
// the log and exit code 1 instead of an abort: the system has refused memory, a mapping or a thread,
// and who was left half done by that cannot go on.
void log_uncaught_exceptions();

}  // namespace locust
