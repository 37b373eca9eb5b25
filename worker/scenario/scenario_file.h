// Reads files that a scenario refers to. All but bodies are read at load, before any user starts.
#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"

namespace locust::worker {

// Why a request could not send this file; nullopt if it could.
std::optional<Error> unsendable(const std::string& path);

// The whole file. The error contains the path and the base of relative paths, but no position.
Result<std::string> read_scenario_file(const std::string& path);

}  // namespace locust::worker
