// Reads files that a scenario refers to. All but bodies are read at load, before any user starts.
#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"

namespace locust::worker {

// The reason why a request cannot send this file; nullopt if it can.
std::optional<Error> unsendable(const std::string& path);

// Reads the whole file. The error has the path and the base of relative paths, but no position.
Result<std::string> read_scenario_file(const std::string& path);

}  // namespace locust::worker
