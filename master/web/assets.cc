#include "master/web/assets.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace locust::master::web {

std::string_view Asset::content_type() const {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kTypes = {{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
  }};
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

std::string Asset::content() const {
  constexpr int kGzip = 16 + MAX_WBITS;
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) throw std::runtime_error("zlib cannot start");
  // zlib only reads it.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string result;
  std::array<char, 16384> part{};
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    state = inflate(&stream, Z_NO_FLUSH);
    result.append(part.data(), part.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END) throw std::runtime_error("the program's copy of the page is damaged");
  return result;
}

const Asset* find_asset(std::span<const Asset> assets, std::string_view path) {
  const auto asset = std::find_if(assets.begin(), assets.end(),
                                  [&](const Asset& known) { return known.path == path; });
  return asset == assets.end() ? nullptr : &*asset;
}

std::string filled_report(std::string_view page, std::string_view json) {
  constexpr std::string_view kPlace = "\"__LOCUST_REPORT__\"";
  const std::size_t place = page.find(kPlace);
  if (place == std::string_view::npos) return std::string(page);
  std::string filled(page.substr(0, place));
  filled.reserve(page.size() + json.size() + json.size() / 16);
  // Nothing in it may look like the end of the script element.
  for (const char c : json) {
    if (c == '<') {
      filled += "\\u003c";
    } else {
      filled += c;
    }
  }
  return filled.append(page.substr(place + kPlace.size()));
}

}  // namespace locust::master::web
