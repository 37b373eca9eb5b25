#include "common/scenario_parse.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/result.h"
#include "common/scenario_parse_parts.h"
#include "common/text.h"

namespace locust {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split_commas(const std::vector<std::string>& entries) {
  std::vector<std::string> paths;
  for (const std::string& entry : entries) {
    std::size_t begin = 0;
    while (begin <= entry.size()) {
      const std::size_t end = std::min(entry.find(',', begin), entry.size());
      const std::string path(trimmed(std::string_view(entry).substr(begin, end - begin)));
      if (!path.empty()) paths.push_back(path);
      begin = end + 1;
    }
  }
  return paths;
}

Result<std::vector<std::string>> files_of_folder(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const fs::path& path = it->path();
    if (path.extension() == ".yaml" || path.extension() == ".yml") files.push_back(path.string());
  }
  if (error) return Error{folder + ": cannot be read: " + error.message()};
  if (files.empty()) return Error{folder + ": there is no .yaml file in this folder"};
  std::sort(files.begin(), files.end());
  return files;
}

Result<ScenarioSource> read_file(const std::string& path) {
  if (path.ends_with(".py")) {
    return Error{path +
                 ": is Python, not a YAML scenario; run it by stock Locust's workers, 'locust -f " +
                 path + " --worker' there"};
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  // One byte more than the limit is enough for the parser to refuse it.
  std::string text(kMaxScenarioBytes + 1, '\0');
  if (stream) stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || !stream.is_open()) {
    return Error{path + ": cannot be read: " + std::strerror(errno)};
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return ScenarioSource{path, std::move(text)};
}

void remove_byte_order_mark(std::string& text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
}

}  // namespace

ParsedScenario parse_scenario(const std::vector<ScenarioSource>& sources) {
  ParsedScenario parsed;
  std::vector<ScenarioSource> files = sources;
  for (ScenarioSource& file : files) {
    remove_byte_order_mark(file.text);
    parsed.scenario.files.push_back(file.name);
  }
  ScenarioErrors errors(files);
  ScenarioReader reader(parsed.scenario, errors);
  bool all_read = true;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::size_t errors_before = errors.size();
    const auto file = static_cast<int>(i);
    const YamlFile tree = parse_yaml(file, files[i].text, errors);
    if (tree.root != nullptr) {
      read_scenario(reader, *tree.root);
    } else {
      all_read = false;
      if (errors.size() == errors_before) errors.add({file, 0, 0}, "the file is empty");
    }
  }
  // A file that could not be read may define what others use.
  if (all_read) {
    check_names(reader);
    check_runs(reader);
  }
  parsed.scenario.variables = reader.variables().names();
  parsed.errors = errors.sorted_lines();
  return parsed;
}

ParsedScenario parse_scenario_files(const std::vector<std::string>& paths) {
  std::vector<ScenarioSource> sources;
  std::vector<std::string> unreadable;
  const auto add = [&](const std::string& path) {
    auto source = read_file(path);
    if (source) {
      sources.push_back(*std::move(source));
    } else {
      unreadable.push_back(source.error());
    }
  };
  for (const std::string& path : split_commas(paths)) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
      add(path);
    } else if (auto files = files_of_folder(path)) {
      for (const std::string& file : *files) add(file);
    } else {
      unreadable.push_back(files.error());
    }
  }
  ParsedScenario parsed;
  if (!unreadable.empty()) {
    parsed.errors = std::move(unreadable);
  } else if (sources.empty()) {
    parsed.errors = {"no scenario file is named"};
  } else {
    parsed = parse_scenario(sources);
    if (parsed.errors.empty() && parsed.scenario.users.empty()) {
      parsed.errors = {sources.front().name + ": there is no user class: 'users' is missing"};
    }
  }
  return parsed;
}

}  // namespace locust
