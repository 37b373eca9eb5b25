#include "master/distribution.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "common/utf8.h"

namespace locust::master {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;  // of all files together

std::vector<std::string> parts_of(const std::string& locustfile) {
  std::vector<std::string> parts;
  std::string_view rest = locustfile;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view part = rest.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return parts;
}

}  // namespace

bool is_python(const std::string& locustfile) {
  const std::vector<std::string> parts = parts_of(locustfile);
  return !parts.empty() && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    return part.ends_with(".py");
  });
}

Result<proto::LocustfileReply> read_python_files(const std::string& locustfile) {
  std::vector<std::variant<proto::LocustfileSource, std::string>> files;
  std::set<std::string> names;
  std::size_t left = kMaxBytes;
  proto::LocustfileReply reply;
  for (const std::string& path : parts_of(locustfile)) {
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec)) return Error{path + ": is a directory"};
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{path + ": cannot be read: " + std::strerror(errno)};
    std::string contents(left + 1, '\0');
    file.read(contents.data(), static_cast<std::streamsize>(contents.size()));
    contents.resize(static_cast<std::size_t>(file.gcount()));
    if (contents.size() > left) {
      return Error{path + ": the files of -f have more than 1 MiB, too much for each worker"};
    }
    left -= contents.size();
    if (!is_valid_utf8(contents)) return Error{path + ": is not UTF-8"};
    const std::string name = std::filesystem::path(path).filename().string();
    if (!names.insert(name).second) {
      return Error{path + ": another file of -f is called " + name +
                   " too; workers get base names"};
    }
    proto::LocustfileSource source{name, std::move(contents)};
    if (!reply.single) reply.single = source;
    files.emplace_back(std::move(source));
  }
  reply.locustfiles = std::move(files);
  return reply;
}

}  // namespace locust::master
