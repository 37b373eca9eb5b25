#include "common/options/locustfile_paths.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "common/base/text.h"

namespace locust {
namespace {

namespace fs = std::filesystem;

// A folder with more files is probably a mistake.
constexpr std::size_t kMaxFolderFiles = 1'000;
constexpr std::size_t kMaxFolderEntries = 100'000;

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_python_entry(const std::string& entry) {
  if (is_url(entry)) return file_name_of_url(entry).ends_with(".py");
  if (!is_folder(entry)) return entry.ends_with(".py");
  const auto scenarios = files_below(entry, {".yaml", ".yml"});
  const auto python = files_below(entry, {".py"});
  return scenarios && scenarios->empty() && python && !python->empty();
}

}  // namespace

std::vector<std::string> split_locustfile(std::string_view locustfile) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= locustfile.size();) {
    const std::size_t end = std::min(locustfile.find(',', begin), locustfile.size());
    if (const auto part = trimmed(locustfile.substr(begin, end - begin)); !part.empty()) {
      parts.emplace_back(part);
    }
    begin = end + 1;
  }
  return parts;
}

bool is_url(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

std::string file_name_of_url(std::string_view url) {
  std::string_view path = url.substr(0, url.find_first_of("?#"));
  path.remove_prefix(std::min(path.find("://") + 3, path.size()));
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(slash + 1));
}

Result<std::vector<std::string>> files_below(const std::string& folder,
                                             std::initializer_list<std::string_view> endings) {
  std::vector<std::string> files;
  std::size_t entries = 0;
  std::error_code error;
  using Walk = fs::recursive_directory_iterator;
  for (Walk it(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool wanted = !name.starts_with('_') && std::any_of(endings.begin(), endings.end(),
                                                              [&name](std::string_view ending) {
                                                                return name.ends_with(ending);
                                                              });
    std::error_code ignored;
    if (wanted && it->is_regular_file(ignored)) files.push_back(it->path().string());
    if (++entries > kMaxFolderEntries || files.size() > kMaxFolderFiles) {
      return Error{folder + ": this folder has too many files; name those of the test"};
    }
  }
  if (error) return Error{folder + ": cannot be read: " + error.message()};
  std::sort(files.begin(), files.end());
  return files;
}

std::string place_of_file(const std::string& path) {
  if (is_url(path)) return path;
  std::error_code ignored;
  return fs::absolute(path, ignored).lexically_normal().string();
}

bool is_python(const std::string& locustfile) {
  const std::vector<std::string> entries = split_locustfile(locustfile);
  return !entries.empty() && std::all_of(entries.begin(), entries.end(), is_python_entry);
}

Result<std::vector<std::string>> python_files(const std::string& locustfile) {
  std::vector<std::string> paths;
  for (const std::string& entry : split_locustfile(locustfile)) {
    if (!is_folder(entry)) {
      paths.push_back(entry);
      continue;
    }
    const auto files = files_below(entry, {".py"});
    if (!files) return Error{files.error()};
    paths.insert(paths.end(), files->begin(), files->end());
  }
  return paths;
}

std::vector<NamedFile> with_different_names(const std::vector<std::string>& paths) {
  std::vector<NamedFile> files;
  std::set<std::string> places;
  std::set<std::string> names;
  for (const std::string& path : paths) {
    if (!places.insert(place_of_file(path)).second) continue;
    const fs::path base =
        is_url(path) ? fs::path(file_name_of_url(path)) : fs::path(path).filename();
    std::string name = base.string();
    for (int i = 2; !names.insert(name).second; ++i) {
      name = base.stem().string() + "_" + std::to_string(i) + base.extension().string();
    }
    files.push_back({std::move(name), path});
  }
  return files;
}

}  // namespace locust
