// multipart/form-data bodies (RFC 7578), as newest HttpUser sends them (requests' encode_files).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "worker/scenario/text.h"

namespace locust::worker {

// Files are read at load and shared by all requests that send them.
class CompiledMultipart {
 public:
  struct Part {
    std::string name;
    CompiledText text;                        // of a part that is no file
    std::shared_ptr<const std::string> file;  // null: a text
    CompiledText type;                        // of a file; empty: none is sent
    CompiledText filename;
  };

  CompiledMultipart() = default;
  explicit CompiledMultipart(std::vector<Part> parts) : parts_(std::move(parts)) {}

  // The body with this boundary between its parts, which must occur in none of them. Throws
  // ExprFailure.
  void append(const EvalContext& context, std::string_view boundary, std::string& out) const;

  template <typename Visit>
  void each_expression(Visit&& visit) const {
    for (const Part& part : parts_) {
      part.text.each_expression(visit);
      part.type.each_expression(visit);
      part.filename.each_expression(visit);
    }
  }

 private:
  std::vector<Part> parts_;
};

// 32 random hexadecimal digits.
std::string new_boundary(Rng& rng);

}  // namespace locust::worker
