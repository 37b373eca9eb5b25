#include "worker/scenario/multipart.h"

#include <array>
#include <filesystem>

namespace locust::worker {
namespace {

// Within the quotes of a Content-Disposition, as browsers and urllib3 escape it.
void append_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == '"') {
      out += "%22";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else {
      out += c;
    }
  }
}

// Appends the boundary and the headers of a part.
void append_head(const CompiledMultipart::Part& part, const EvalContext& context,
                 std::string& out) {
  out += "\r\nContent-Disposition: form-data; name=\"";
  append_escaped(part.name, out);
  out += "\"";
  if (part.file) {
    out += "; filename=\"";
    append_escaped(part.filename ? part.filename->render(context) : part.file->name(context), out);
    out += "\"";
    const std::string type = part.type.render(context);
    if (!type.empty()) out.append("\r\nContent-Type: ").append(type);
  }
  out += "\r\n\r\n";
}

}  // namespace

std::string CompiledFile::path(const EvalContext& context) const {
  return (std::filesystem::path(directory_) / path_.render(context)).string();
}

std::string CompiledFile::name(const EvalContext& context) const {
  return std::filesystem::path(path_.render(context)).filename().string();
}

std::optional<std::string> CompiledFile::constant_path() const {
  const std::string* path = path_.constant();
  if (path == nullptr) return std::nullopt;
  return (std::filesystem::path(directory_) / *path).string();
}

std::vector<HttpBodyPart> CompiledMultipart::body(const EvalContext& context,
                                                  std::string_view boundary) const {
  std::vector<HttpBodyPart> body(1);
  for (const Part& part : parts_) {
    body.back().text.append("--").append(boundary);
    append_head(part, context, body.back().text);
    if (part.file) {
      body.push_back({.file = part.file->path(context)});
      body.emplace_back();
    } else {
      part.text.append(context, body.back().text);
    }
    body.back().text.append("\r\n");
  }
  body.back().text.append("--").append(boundary).append("--\r\n");
  return body;
}

std::string new_boundary(Rng& rng) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string boundary;
  for (const std::uint64_t bits : std::array{rng(), rng()}) {
    for (int shift = 0; shift < 64; shift += 4) boundary += kHex[(bits >> shift) & 0xF];
  }
  return boundary;
}

}  // namespace locust::worker
