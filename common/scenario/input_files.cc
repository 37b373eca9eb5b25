#include "common/scenario/input_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "common/scenario/named_files.h"

namespace locust {
namespace {

class TestFileList {
 public:
  explicit TestFileList(const Scenario& scenario) : scenario_(scenario) {
    for (const std::string& path : scenario.files) {
      add({std::filesystem::path(path).filename().string(), path});
    }
    for (const FileReference& file : named_files(scenario)) {
      const bool is_new = add_named(file.pos, file.path);
      if (file.is_template && is_new) add_files_of_template(file);
    }
    for (const ShapeSpec& shape : scenario.shapes) {
      if (const auto* rows = std::get_if<ShapeFile>(&shape.load)) add_named(rows->pos, rows->path);
    }
  }

  std::vector<NamedFile> take() { return std::move(files_); }

 private:
  bool add_named(SourcePos pos, const std::string& name) {
    return add({name, path_from(scenario_, pos, name)});
  }

  bool add(NamedFile file) {
    if (!paths_.insert(file.path).second) return false;
    files_.push_back(std::move(file));
    return true;
  }

  void add_files_of_template(const FileReference& reference) {
    const std::string path = path_from(scenario_, reference.pos, reference.path);
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) return;
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    for (const std::string& name : named_files_of_template(text)) add_named(reference.pos, name);
  }

  const Scenario& scenario_;
  std::set<std::string> paths_;
  std::vector<NamedFile> files_;
};

}  // namespace

std::vector<NamedFile> input_files(const Scenario& scenario) {
  return TestFileList(scenario).take();
}

}  // namespace locust
