#include "master/run/distribution.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "common/base/fetch_url.h"
#include "common/base/file_begin.h"
#include "common/base/utf8.h"
#include "common/options/locustfile_paths.h"
#include "common/scenario/named_files.h"

namespace locust::master {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPythonBytes = std::size_t{1} << 20;  // of all files together
constexpr std::size_t kMaxSentBytes = std::size_t{15} << 20;   // likewise; a message has 16 MiB
constexpr std::size_t kMaxSentFiles = 100;

// Builds the reply for a scenario.
class ScenarioPacker {
 public:
  Result<proto::LocustfileReply> pack(const ParsedScenario& parsed) {
    for (const ScenarioSource& source : parsed.sources) {
      const std::string name = is_url(source.name) ? file_name_of_url(source.name) : source.name;
      if (const auto added = add(source.name, place_of(name), source.text); !added) {
        return Error{added.error()};
      }
    }
    const std::size_t scenarios = files_.size();
    for (const FileReference& file : named_files(parsed.scenario)) {
      const fs::path folder = directory_of(parsed.scenario, file.pos);
      if (const auto added = add_named(folder, file.path, file.is_template); !added) {
        return Error{to_string(parsed.scenario, file.pos) + ": " + added.error()};
      }
    }
    proto::LocustfileReply reply;
    reply.scenarios = static_cast<std::int64_t>(scenarios);
    reply.locustfiles.emplace();
    const fs::path root = common_folder();
    for (File& file : files_) {
      reply.locustfiles->emplace_back(proto::LocustfileSource{
          file.place.lexically_relative(root).string(), std::move(file.contents)});
    }
    return reply;
  }

 private:
  struct File {
    fs::path place;  // absolute
    std::string contents;
  };

  static fs::path place_of(const fs::path& path) {
    std::error_code ignored;
    return fs::absolute(path, ignored).lexically_normal();
  }

  // Absolute paths are not sent: a worker looks for them on its own machine.
  Result<void> add_named(const fs::path& folder, const std::string& path, bool is_template) {
    if (fs::path(path).is_absolute()) return {};
    const fs::path full = folder / path;
    const fs::path place = place_of(full);
    if (places_.contains(place)) return {};
    std::error_code ignored;
    if (fs::exists(full, ignored) && !fs::is_regular_file(full, ignored)) {
      return Error{full.string() + ": is not a regular file"};
    }
    auto contents = read_begin_of_file(full.string(), left_ + 1);
    if (!contents) return Error{contents.error()};
    const std::vector<std::string> inner =
        is_template ? named_files_of_template(*contents) : std::vector<std::string>();
    if (const auto added = add(full.string(), place, *std::move(contents)); !added) return added;
    for (const std::string& name : inner) {
      if (const auto added = add_named(folder, name, /*is_template=*/false); !added) return added;
    }
    return {};
  }

  Result<void> add(const std::string& name, fs::path place, std::string contents) {
    if (!places_.insert(place).second) return {};
    if (contents.size() > left_ || files_.size() == kMaxSentFiles) {
      return Error{name + ": with this file the test has more than " +
                   (contents.size() > left_ ? "15 MiB" : "100 files") +
                   ", too much to send; give each worker the scenario with -f FILE"};
    }
    left_ -= contents.size();
    files_.push_back({std::move(place), std::move(contents)});
    return {};
  }

  fs::path common_folder() const {
    fs::path root = files_.front().place.parent_path();
    for (const File& file : files_) {
      const fs::path folder = file.place.parent_path();
      const auto [end, ignored] =
          std::mismatch(root.begin(), root.end(), folder.begin(), folder.end());
      fs::path shared;
      for (auto part = root.begin(); part != end; ++part) shared /= *part;
      root = std::move(shared);
    }
    return root;
  }

  std::vector<File> files_;
  std::set<fs::path> places_;
  std::size_t left_ = kMaxSentBytes;
};

}  // namespace

Result<proto::LocustfileReply> read_python_files(const std::string& locustfile) {
  const auto paths = python_files(locustfile);
  if (!paths) return Error{paths.error()};
  std::vector<std::variant<proto::LocustfileSource, std::string>> files;
  std::size_t left = kMaxPythonBytes;
  proto::LocustfileReply reply;
  for (const auto& [name, path] : with_different_names(*paths)) {
    auto contents =
        is_url(path) ? fetch_url(path, kMaxPythonBytes) : read_begin_of_file(path, left + 1);
    if (!contents) return Error{contents.error()};
    if (contents->size() > left) {
      return Error{path + ": the files of -f have more than 1 MiB, too much for each worker"};
    }
    left -= contents->size();
    if (!is_valid_utf8(*contents)) return Error{path + ": is not UTF-8"};
    proto::LocustfileSource source{name, *std::move(contents)};
    if (!reply.single) reply.single = source;
    files.emplace_back(std::move(source));
  }
  reply.locustfiles = std::move(files);
  return reply;
}

proto::LocustfileReply scenario_reply(const ParsedScenario& parsed) {
  auto packed = ScenarioPacker().pack(parsed);
  if (packed) return *std::move(packed);
  proto::LocustfileReply reply;
  reply.error = packed.error();
  return reply;
}

}  // namespace locust::master
