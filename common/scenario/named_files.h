// The files that a scenario needs on its workers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/scenario/scenario.h"

namespace locust {

struct FileReference {
  SourcePos pos;
  std::string path;  // as written, relative to the folder of the scenario file at `pos`
  bool is_template = false;
};

// The files of feeders, bodies, forms, `ca`, file() and template(), in no particular order and with
// repetitions. Paths with ${…} are left out, because only users can evaluate them, and so is
// `cert`, because it contains a private key.
std::vector<FileReference> named_files(const Scenario& scenario);

// The paths of file() calls within the text of a template.
std::vector<std::string> named_files_of_template(std::string_view text);

// The folder of the scenario file at `pos`, to which its paths are relative.
std::string directory_of(const Scenario& scenario, SourcePos pos);
// Resolves `path` as written in that file.
std::string path_from(const Scenario& scenario, SourcePos pos, const std::string& path);

}  // namespace locust
