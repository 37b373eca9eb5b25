// Logging with stock Locust's line format: "[YYYY-mm-dd HH:MM:SS,mmm] host/LEVEL/logger: text"
// (log.py setup_logging).
#pragma once

#include <spdlog/logger.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace locust::log {

struct Options {
  std::string level = "INFO";  // DEBUG, INFO, WARNING, ERROR or CRITICAL, in any case
  bool quiet = false;          // warnings and errors only, and no console tables (--skip-log-setup)
  bool remember = false;
  std::optional<std::string>
      logfile;  // instead of standard error; the console tables stay there, as in stock
};

// Sends every logger's lines to standard error or the log file. Call once, before the first thread
// starts. Lines are written by a thread of their own, so a slow terminal or disk never holds up a
// loop: where thousands of lines wait, the oldest are dropped and shutdown() tells how many. All
// texts are written as printable_lines() makes them (common/base/printable.h). A log file gets whole
// lines only.
Result<void> setup(const Options& options);

// The last lines of this process, as written, for a master's page. Thread-safe. Nothing is
// remembered unless Options::remember says so.
inline constexpr std::size_t kMaxRemembered = 500;                        // as stock's deque
inline constexpr std::size_t kMaxRememberedBytes = std::size_t{8} << 10;  // of a line
struct Remembered {
  std::vector<std::string> lines;  // at most kMaxRemembered
  std::uint64_t total = 0;         // since setup()
};
Remembered remembered();
// The total alone, without a copy of the lines.
std::uint64_t remembered_total();

// Writes what is queued and ends the log thread. Lines logged afterwards are lost. False: the log
// file lacks lines, because the disk is full or the like; how many, and why, is written to standard
// error.
bool shutdown();

// Loggers carry the names of stock's modules, because people grep for them. Thread-safe; before
// setup() (in tests) lines go nowhere unless capture() was called.
spdlog::logger& main();     // locust.main
spdlog::logger& runners();  // locust.runners
spdlog::logger& user();     // locust.user
// A line of a logger that test code has made. Thread-safe.
void write(std::string_view logger, spdlog::level::level_enum level, std::string_view text);
// The console tables: text without prefix, whatever the log level (stock's locust.stats_logger).
spdlog::logger& console();
// The last line of a terminal on standard error, until the next status or line takes its place; an
// empty one only removes it.
void show_status(std::string_view line);

// For tests: sends all lines to `sink` at level DEBUG until the next call; null silences them
// again.
void capture(spdlog::sink_ptr sink);

}  // namespace locust::log
