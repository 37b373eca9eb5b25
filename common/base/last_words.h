// The last log line of a process that cannot continue.
#pragma once

namespace locust {

// From now on an uncaught exception on any thread ends the process with one line in the log and
// exit code 1 instead of an abort. The usual cause is that the system refused memory, a mapping or a
// thread; after that the state is unknown.
void log_uncaught_exceptions();

}  // namespace locust
