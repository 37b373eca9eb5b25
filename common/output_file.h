// Files of a report that are of use at any moment, also after the process was killed at it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/result.h"

namespace locust {

// Gives the file a new content: written beside it as PATH.tmp, then renamed, so that readers see the
// old one or the new one. The error names the file.
Result<void> replace_file(const std::string& path, std::string_view content);

// A file that grows by whole lines.
class GrowingFile {
 public:
  // Empties or creates the file. The error names it.
  static Result<GrowingFile> create(std::string path);
  GrowingFile(GrowingFile&& other) noexcept;
  GrowingFile& operator=(GrowingFile&&) = delete;
  ~GrowingFile();

  // All of it or, where the disk is full, nothing.
  Result<void> append(std::string_view lines);

 private:
  GrowingFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_;
  std::size_t size_ = 0;
};

}  // namespace locust
