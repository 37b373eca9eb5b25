// Recorded data for tests: vectors of stock Locust and captured conversations, below tests/data.
#pragma once

#include <string>

namespace locust {

// Where "docs/errors.md" of this repository lies. The one place that is compiled to know it, so that
// a compiler cache serves every checkout.
std::string in_repository(const std::string& path);

// The whole content of tests/data/NAME ("stats.jsonl.gz"), decompressed if NAME ends in ".gz".
// Throws std::runtime_error naming the file if it cannot be read: a test without its data fails.
std::string load_test_data(const std::string& name);

}  // namespace locust
