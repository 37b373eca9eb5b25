// Values of options as texts.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace locust {

// CLI11 splits a value in brackets at its commas. A leading blank keeps a JSON array whole.
std::string shielded(std::string argument);

// The arguments that set the option `name`, which takes at most `max_values` (0: a flag), to a value
// from the environment or a file.
Result<std::vector<std::string>> as_arguments(const std::string& name, int max_values,
                                              const std::vector<std::string>& values, bool is_list);

// Replaces "1h30m" with "5400". Returns an error, empty if there is none.
std::string replace_with_seconds(std::string& time_span);

// An error unless `text` is a number from `min` to `max`, of which "nan" is none; otherwise empty.
std::string number_error(const std::string& text, double min, double max);

}  // namespace locust
