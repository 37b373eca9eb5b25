// Files that a scenario names. All but bodies are read at load, before any user starts.
#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"

namespace locust::worker {

// Why a request could not send this file; nothing if it could.
std::optional<Error> unsendable(const std::string& path);

// The whole file. The error names no place but the path, and where relative paths begin.
Result<std::string> read_scenario_file(const std::string& path);

}  // namespace locust::worker
