// The input files of a test.
#pragma once

#include <vector>

#include "common/base/file_digests.h"
#include "common/scenario/scenario.h"

namespace locust {

// The scenario's own files by their base names, then the files that it refers to, as written:
// named_files(), also those in readable templates, and the rows of shapes. Each path once.
std::vector<NamedFile> input_files(const Scenario& scenario);

}  // namespace locust
