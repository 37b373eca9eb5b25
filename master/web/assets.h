// The page's files, embedded in the program. Empty in a build without the page (LOCUST_PAGE).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace locust::master::web {

struct Asset {
  std::string_view path;  // "index.html", "assets/index-4f9a.js"
  std::string_view gzip;  // its content, compressed

  std::string_view content_type() const;
  // The name contains a hash of the content, so that the file never changes.
  bool is_hashed() const { return path.starts_with("assets/"); }
  std::string content() const;
};

// The files in this build.
std::span<const Asset> embedded_assets();

// Null if there is no file with that path.
const Asset* find_asset(std::span<const Asset> assets, std::string_view path);

// report.html with the report inserted; `json` is the result of report_json.
std::string filled_report(std::string_view page, std::string_view json);

}  // namespace locust::master::web
