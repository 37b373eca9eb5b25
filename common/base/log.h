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
      logfile;  // instead of stderr; the console tables stay there, as in stock
};

// Sends every logger's lines to stderr or the log file. Call once, before the first thread starts.
// A separate thread writes the lines, so that a slow terminal or disk never blocks a loop: if
// thousands of lines wait, the oldest are dropped and shutdown() reports their number. All texts
// are escaped by printable_lines() (common/base/printable.h). A log file gets whole lines only.
Result<void> setup(const Options& options);

// The last lines of this process, as written, for the master's page. Thread-safe. Lines are kept
// only if Options::remember is set.
inline constexpr std::size_t kMaxRemembered = 500;                        // as stock's deque
inline constexpr std::size_t kMaxRememberedBytes = std::size_t{8} << 10;  // of a line
struct Remembered {
  std::vector<std::string> lines;  // at most kMaxRemembered
  std::uint64_t total = 0;         // since setup()
};
Remembered remembered();
// The total alone, without a copy of the lines.
std::uint64_t remembered_total();

// Writes the queued lines and ends the log thread. Lines logged afterwards are lost. Returns false
// if the log file lacks lines, for example because the disk is full; their number and the reason
// are written to stderr.
bool shutdown();

// Loggers have the names of stock's modules, because people grep for them. Thread-safe. Before
// setup() (in tests) lines are dropped unless capture() was called.
spdlog::logger& main();     // locust.main
spdlog::logger& runners();  // locust.runners
spdlog::logger& user();     // locust.user
// A line of a logger that test code created. Thread-safe.
void write(std::string_view logger, spdlog::level::level_enum level, std::string_view text);
// The console tables: text without prefix, at any log level (stock's locust.stats_logger).
spdlog::logger& console();
// Shows a status as the last line of stderr's terminal, until the next status or line replaces it.
// An empty one only removes it.
void show_status(std::string_view line);

// For tests: sends all lines to `sink` at level DEBUG until the next call. Null drops them again.
void capture(spdlog::sink_ptr sink);

}  // namespace locust::log
