#include "worker/scenario/multipart.h"

#include <array>

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

}  // namespace

void CompiledMultipart::append(const EvalContext& context, std::string_view boundary,
                               std::string& out) const {
  const auto add = [&out](std::string_view text) { out += text; };
  for (const Part& part : parts_) {
    add("--");
    add(boundary);
    add("\r\nContent-Disposition: form-data; name=\"");
    append_escaped(part.name, out);
    add("\"");
    if (part.file) {
      add("; filename=\"");
      append_escaped(part.filename.render(context), out);
      add("\"");
      const std::string type = part.type.render(context);
      if (!type.empty()) add("\r\nContent-Type: " + type);
    }
    add("\r\n\r\n");
    if (part.file) {
      add(*part.file);
    } else {
      part.text.append(context, out);
    }
    add("\r\n");
  }
  add("--");
  add(boundary);
  add("--\r\n");
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
