#include "master/web/file_parts.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace locust::master::web {

bool FileParts::open(const std::string& path) {
  std::error_code error;
  left_ = std::filesystem::file_size(path, error);
  file_.open(path, std::ios::binary);
  return !error && file_.is_open();
}

void FileParts::close() {
  if (file_.is_open()) file_.close();
}

std::optional<std::string_view> FileParts::next() {
  part_.resize(std::min<std::uint64_t>(left_, kPartBytes));
  file_.read(part_.data(), static_cast<std::streamsize>(part_.size()));
  if (file_.gcount() != static_cast<std::streamsize>(part_.size())) return std::nullopt;
  left_ -= part_.size();
  return part_;
}

}  // namespace locust::master::web
