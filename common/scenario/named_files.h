// Which files a scenario needs where its users run.
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

// Those of feeders, bodies, forms, `ca`, file() and template(), in no particular order; one may come
// several times. Of paths that hold ${…} only users know what they name: they are left out. So is
// `cert`, which holds a key that is nobody else's.
std::vector<FileReference> named_files(const Scenario& scenario);

// The paths that file() names within the text of a template.
std::vector<std::string> named_files_of_template(std::string_view text);

// The folder of the scenario file at `pos`, with which its relative paths begin.
std::string directory_of(const Scenario& scenario, SourcePos pos);
// `path` as that file names it.
std::string path_from(const Scenario& scenario, SourcePos pos, const std::string& path);

}  // namespace locust
