// What a test is made of.
#pragma once

#include <vector>

#include "common/base/file_digests.h"
#include "common/scenario/scenario.h"

namespace locust {

// The scenario's own files by their base names, then those that it names, as it writes them: named_files(), in readable
// templates too, and the rows of shapes. Each path once.
std::vector<NamedFile> input_files(const Scenario& scenario);

}  // namespace locust
