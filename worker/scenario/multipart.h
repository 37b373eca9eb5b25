// Request bodies from files: a plain file, and multipart/form-data (RFC 7578) as the newest
// HttpUser sends it (requests' encode_files).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/http/exchange.h"
#include "worker/scenario/text.h"

namespace locust::worker {

// A file that each request reads while it is sent.
class CompiledFile {
 public:
  CompiledFile() = default;
  // Relative paths are relative to `directory`.
  CompiledFile(CompiledText path, std::string directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}

  // Throws ExprFailure.
  std::string path(const EvalContext& context) const;
  // The last component of its path. Throws ExprFailure.
  std::string name(const EvalContext& context) const;
  // The path, if it is known at load.
  std::optional<std::string> constant_path() const;

  template <typename Visit>
  void each_expression(Visit&& visit) const {
    path_.each_expression(visit);
  }

 private:
  CompiledText path_;
  std::string directory_;
};

class CompiledMultipart {
 public:
  struct Part {
    std::string name;
    CompiledText text;                     // of a part that is not a file
    std::optional<CompiledFile> file;      // nullopt: a text
    CompiledText type;                     // of a file; empty: none is sent
    std::optional<CompiledText> filename;  // nullopt: the file's
  };

  CompiledMultipart() = default;
  explicit CompiledMultipart(std::vector<Part> parts) : parts_(std::move(parts)) {}

  // The body with this boundary between its parts, which must occur in none of them. Throws
  // ExprFailure.
  std::vector<HttpBodyPart> body(const EvalContext& context, std::string_view boundary) const;

  template <typename Visit>
  void each_expression(Visit&& visit) const {
    for (const Part& part : parts_) {
      part.text.each_expression(visit);
      if (part.file) part.file->each_expression(visit);
      part.type.each_expression(visit);
      if (part.filename) part.filename->each_expression(visit);
    }
  }

 private:
  std::vector<Part> parts_;
};

// 32 random hexadecimal digits.
std::string new_boundary(Rng& rng);

}  // namespace locust::worker
