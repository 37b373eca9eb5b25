// Files that a run writes: they end up where their path points, whatever is there, and are of use
// at any moment, also after the process was killed at it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/file_descriptor.h"
#include "common/base/result.h"

namespace locust {

// The system's text of an error that a file has met, with the limit that is to blame.
std::string file_error_text(int error);

// Creates the folders that the path of a file goes through, as far as they are missing. The error names
// the folder of the file.
Result<void> create_folder_of(const std::string& path);

// Gives the file a new content. A file that is not there yet, and a regular one that nothing else
// depends on, is written beside its place as PATH.tmp and renamed, so that readers see the old
// content or the new one; owner, group and mode stay. In place is written what a rename would
// replace by another file or could not reach: devices, pipes, symbolic and hard links, mounts,
// files with an access control list, files in a folder that cannot be written. The error names the
// file, and the limit if one is to blame; a regular file then keeps its old content unless it is
// written in place.
Result<void> replace_file(const std::string& path, std::string_view content);

// A file that grows by whole lines. Used by one thread at a time.
class GrowingFile {
 public:
  enum class Start { kEmpty, kAppend };

  // Opens or creates it, and empties it unless `start` is kAppend. Waits for the reader of a named
  // pipe. The error names the file.
  static Result<GrowingFile> open(std::string path, Start start = Start::kEmpty);

  // All of it or, where the disk is full or a limit is reached, nothing: what has been written of
  // it is taken back, so that the file ends with a whole line and can grow again once there is
  // room.
  Result<void> append(std::string_view lines);

  const std::string& path() const { return path_; }

 private:
  GrowingFile(std::string path, FileDescriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  FileDescriptor file_;
};

}  // namespace locust
