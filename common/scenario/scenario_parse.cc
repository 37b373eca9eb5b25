#include "common/scenario/scenario_parse.h"

#include <filesystem>
#include <set>

#include "common/base/fetch_url.h"
#include "common/base/file_begin.h"
#include "common/options/locustfile_paths.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

Result<ScenarioSource> read_source(const std::string& path) {
  if (path.ends_with(".py")) {
    return Error{path + ": is Python, not a YAML scenario; a test is one or the other"};
  }
  // One byte more than the limit is enough for the parser to refuse it.
  auto text = is_url(path) ? fetch_url(path, kMaxScenarioBytes)
                           : read_begin_of_file(path, kMaxScenarioBytes + 1);
  if (!text) return Error{text.error()};
  return ScenarioSource{path, *std::move(text)};
}

Result<std::vector<std::string>> files_of_folder(const std::string& folder) {
  auto files = files_below(folder, {".yaml", ".yml"});
  if (files && files->empty()) return Error{folder + ": there is no .yaml file in this folder"};
  return files;
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
  // A file that could not be read may define names that others use.
  if (all_read) {
    check_names(reader);
    check_runs(reader);
  }
  parsed.scenario.variables = reader.variables().names();
  parsed.errors = errors.sorted_lines();
  return parsed;
}

ParsedScenario parse_scenario_files(const std::vector<std::string>& paths) {
  ParsedScenario parsed;
  std::set<std::string> places;
  const auto add = [&parsed, &places](const std::string& path) {
    if (!places.insert(place_of_file(path)).second) return;  // a file named twice is read once
    auto source = read_source(path);
    if (source) {
      parsed.sources.push_back(*std::move(source));
    } else {
      parsed.errors.push_back(source.error());
    }
  };
  for (const std::string& entry : paths) {
    for (const std::string& path : split_locustfile(entry)) {
      std::error_code ignored;
      if (!std::filesystem::is_directory(path, ignored)) {
        add(path);
      } else if (auto files = files_of_folder(path)) {
        for (const std::string& file : *files) add(file);
      } else {
        parsed.errors.push_back(files.error());
      }
    }
  }
  if (!parsed.errors.empty()) return parsed;
  if (parsed.sources.empty()) {
    parsed.errors = {"no scenario file is named"};
    return parsed;
  }
  std::vector<ScenarioSource> sources = std::move(parsed.sources);
  parsed = parse_scenario(sources);
  parsed.sources = std::move(sources);
  if (parsed.errors.empty() && parsed.scenario.users.empty()) {
    parsed.errors = {parsed.sources.front().name + ": there is no user class: 'users' is missing"};
  }
  return parsed;
}

}  // namespace locust
