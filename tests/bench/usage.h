// What the benchmarks of HTTP load have in common: their options and what they measure of themselves.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>

#include "common/base/sysinfo.h"

namespace locust::bench {

struct Load {
  std::string url;
  std::size_t users = 64;
  double seconds = 5;

  void add_options(CLI::App& app) {
    app.add_option("--url", url, "what to get")->required();
    app.add_option("--users", users, "requests in flight")->capture_default_str();
    app.add_option("--seconds", seconds, "how long")->capture_default_str();
  }
};

inline double process_cpu_us() { return to_seconds(process_cpu_time()) * 1e6; }

inline long rss_kib() { return static_cast<long>(resident_memory_bytes() / 1024); }

}  // namespace locust::bench
