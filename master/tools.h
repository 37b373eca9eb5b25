// What locust-master does instead of leading a test.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace locust::master {

// --hash-password: reads a password from standard input, without showing it on a terminal, and
// prints its hash. Returns the exit code, as the other.
int print_password_hash();

// --compare: prints how the second of two files differs from the first; with `json_file` also as
// JSON into that file, whose name ends with ".json".
int print_comparison(const std::vector<std::string>& files,
                     const std::optional<std::string>& json_file);

}  // namespace locust::master
