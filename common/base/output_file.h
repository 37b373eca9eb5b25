// The output files of a run. They are written to the place where their path points, whatever is
// there, and are valid at any moment, even if the process is killed while it writes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/file_descriptor.h"
#include "common/base/result.h"

namespace locust {

// The system's text of a file error, with the limit that caused it.
std::string file_error_text(int error);

// Creates the missing folders of a file's path. The error names the folder of the file.
Result<void> create_folder_of(const std::string& path);

// Replaces the content of a file. A new file, or a plain regular one, is written as PATH.tmp and
// renamed, so that readers see either the old content or the new one; owner, group and mode are
// preserved. Files that a rename would turn into something else or could not reach are written in
// place: devices, pipes, symbolic and hard links, mounts, files with an access control list, files
// in a folder that is not writable. The error names the file, and the limit that caused it, if any;
// a regular file then keeps its old content unless it is written in place.
Result<void> replace_file(const std::string& path, std::string_view content);

// A file that grows by whole lines. Used by one thread at a time.
class GrowingFile {
 public:
  enum class Start { kEmpty, kAppend };

  // Opens or creates the file, and truncates it unless `start` is kAppend. Waits for the reader of
  // a named pipe. The error names the file.
  static Result<GrowingFile> open(std::string path, Start start = Start::kEmpty);

  // Writes everything or, if the disk is full or a limit is reached, nothing: a partial write is
  // undone, so that the file ends with a whole line and can grow again once there is space.
  Result<void> append(std::string_view lines);

  const std::string& path() const { return path_; }

 private:
  GrowingFile(std::string path, FileDescriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  FileDescriptor file_;
};

}  // namespace locust
