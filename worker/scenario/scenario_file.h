// Files that a scenario names. All but bodies are read at load, before any user starts.
#pragma once

#include <optional>
#include <string>

#include "common/result.h"
#include "common/scenario.h"

namespace locust::worker {

// `path` as named at `pos`: relative to the folder of the scenario file there.
std::string path_from(const Scenario& scenario, SourcePos pos, const std::string& path);

// Why a request could not send this file; nothing if it could.
std::optional<Error> unsendable(const std::string& path);

// The whole file. The error names no place but the path, and where relative paths begin.
Result<std::string> read_scenario_file(const std::string& path);

}  // namespace locust::worker
