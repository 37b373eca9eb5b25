// Recorded data for tests: vectors of stock Locust and captured conversations, below tests/data.
#pragma once

#include <string>

namespace locust {

// The whole content of tests/data/NAME ("stats.jsonl.gz"), decompressed if NAME ends in ".gz".
// Throws std::runtime_error naming the file if it cannot be read: a test without its data fails.
std::string load_test_data(const std::string& name);

}  // namespace locust
