// The functions of locust-master besides leading a test.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace locust::master {

// --hash-password: reads a password from stdin, without echo on a terminal, and prints its hash.
// Returns the exit code.
int print_password_hash();

// --compare: prints the differences of the second of two files to the first; with `json_file` also
// as JSON to that file, whose name ends with ".json". Returns the exit code.
int print_comparison(const std::vector<std::string>& files,
                     const std::optional<std::string>& json_file);

}  // namespace locust::master
