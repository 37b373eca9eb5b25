// Configuration files as stock Locust reads them: "users = 5" lines (configargparse's default
// parser), or the [tool.locust] table of a .toml file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace locust {

struct ConfigSetting {
  std::string key;  // as written, without leading dashes: "run-time"
  std::vector<std::string> values;
  bool is_list = false;  // otherwise there is exactly one value; "true" for a key alone
  std::string place;     // "locust.conf:3"
};

// The syntax depends on whether `name` ends in ".toml". If a key is set twice, the last one wins;
// both settings are returned. Errors name the line.
Result<std::vector<ConfigSetting>> parse_config(const std::string& text, const std::string& name);

// The settings of `named` (the file of --config, which must exist), pyproject.toml, locust.conf and
// `home`/.locust.conf, in this order: the first one wins, also within a file.
Result<std::vector<ConfigSetting>> read_configuration(const std::optional<std::string>& named,
                                                      const std::optional<std::string>& home);

}  // namespace locust
