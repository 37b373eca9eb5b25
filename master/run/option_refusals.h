// Invalid combinations of options that are valid by themselves.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "master/run/master_options.h"

namespace locust::master {

// A value of -f: workers receive the test from their master.
inline constexpr std::string_view kFromMaster = "-";

inline constexpr int kUsageError = 2;  // exit code

struct Refusal {
  std::string message;
  int exit_code;
};

// The first such combination; nullopt if the options are consistent.
std::optional<Refusal> refusal(const MasterOptions& options);

}  // namespace locust::master
