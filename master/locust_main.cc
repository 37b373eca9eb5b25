// locust: stock's one program by its name. Becomes locust-worker (--worker), locust-master (--master), or runs both as
// an all-in-one test on a port of its own.

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "master/all_in_one.h"

namespace {

using locust::master::Arguments;

bool is_true(const char* text) {
  return text != nullptr && (std::strcmp(text, "1") == 0 || std::strcmp(text, "true") == 0 ||
                             std::strcmp(text, "True") == 0 || std::strcmp(text, "yes") == 0);
}

bool has(const Arguments& arguments, std::string_view flag) {
  return std::find(arguments.begin(), arguments.end(), flag) != arguments.end();
}

// The value of --processes or its variable; 0 if there is none. Nothing for what is no count.
std::optional<int> processes(const Arguments& arguments) {
  constexpr std::string_view kName = "--processes";
  std::string value;
  if (const char* text = std::getenv("LOCUST_PROCESSES")) value = text;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == kName && i + 1 < arguments.size()) value = arguments[i + 1];
    if (argument.starts_with("--processes=")) value = argument.substr(kName.size() + 1);
  }
  if (value.empty()) return 0;
  int count = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
  if (error != std::errc{} || end != value.data() + value.size() || count < -1) return std::nullopt;
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  using locust::master::become;
  const Arguments arguments(argv + std::min(argc, 1), argv + argc);
  const bool worker = has(arguments, "--worker") || is_true(std::getenv("LOCUST_MODE_WORKER"));
  const bool master = has(arguments, "--master") || is_true(std::getenv("LOCUST_MODE_MASTER"));
  if (master && worker) {
    std::cerr << "The --master argument cannot be combined with --worker\n";
    return 255;
  }
  // What needs no master.
  const bool describes = has(arguments, "--validate") || has(arguments, "--dry-run") ||
                         has(arguments, "--print-schema") || has(arguments, "-l") ||
                         has(arguments, "--list") || has(arguments, "--show-task-ratio") ||
                         has(arguments, "--show-task-ratio-json");
  if (worker || describes) become("locust-worker", arguments);
  const bool informs = has(arguments, "-h") || has(arguments, "--help") || has(arguments, "-V") ||
                       has(arguments, "--version");
  if (master || informs) become("locust-master", arguments);
  const auto count = processes(arguments);
  if (!count) {
    std::cerr << "Invalid --processes count\n";
    return 1;
  }
  return locust::master::run_all_in_one(arguments, *count);
}
