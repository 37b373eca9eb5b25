#include "master/shape/shape_rows.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/base/nearest_name.h"
#include "common/scenario/expression_value.h"

namespace locust::master {
namespace {

constexpr std::array<std::string_view, 3> kColumns = {"time", "users", "spawn_rate"};
constexpr double kMaxTime = 100.0 * 365 * 24 * 3600;  // seconds
constexpr double kMaxNumber = 1e9;                    // of users and rates

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(',', begin), line.size());
    std::string_view field = line.substr(begin, end - begin);
    field.remove_prefix(std::min(field.find_first_not_of(" \t"), field.size()));
    field = field.substr(0, field.find_last_not_of(" \t\r") + 1);
    fields.push_back(field);
    begin = end + 1;
  }
  return fields;
}

// Converts lines to rows. Each error is about one line.
class RowParser {
 public:
  // Reads the positions of the columns. Returns the error; empty if there is none.
  std::string read_header(const std::vector<std::string_view>& fields) {
    for (std::size_t place = 0; place < fields.size(); ++place) {
      const auto column = std::find(kColumns.begin(), kColumns.end(), fields[place]);
      if (column == kColumns.end()) {
        return "unknown column " + in_quotes(fields[place]) +
               "; the first line names the columns time, users and spawn_rate";
      }
      places_[static_cast<std::size_t>(column - kColumns.begin())] = place;
    }
    for (const std::size_t needed : {0U, 1U}) {
      if (!places_[needed]) return "there is no column " + in_quotes(kColumns[needed]);
    }
    columns_ = fields.size();
    return "";
  }

  std::string read_row(const std::vector<std::string_view>& fields) {
    if (fields.size() != columns_) {
      return std::to_string(fields.size()) + " fields, where the first line has " +
             std::to_string(columns_);
    }
    const auto time = number(fields[*places_[0]]);
    const auto users = number(fields[*places_[1]]);
    if (!time || *time > kMaxTime) return "'time' must be seconds, 0 or more";
    if (!users || *users > kMaxNumber) return "'users' must be a number, 0 or more";
    if (!rows_.empty() && *time <= rows_.back().time) return "'time' must grow from row to row";
    ShapeRow row{*time, *users, std::nullopt};
    if (places_[2] && !fields[*places_[2]].empty()) {
      row.spawn_rate = number(fields[*places_[2]]);
      if (row.spawn_rate.value_or(0) <= 0 || *row.spawn_rate > kMaxNumber) {
        return "'spawn_rate' must be a number above 0, or empty";
      }
    }
    rows_.push_back(row);
    return "";
  }

  std::vector<ShapeRow>& rows() { return rows_; }

 private:
  static std::optional<double> number(std::string_view text) {
    const auto number = parse_json_number(text);
    if (!number || !(number->as_double() >= 0)) return std::nullopt;
    return number->as_double();
  }

  std::array<std::optional<std::size_t>, kColumns.size()> places_{};
  std::size_t columns_ = 0;
  std::vector<ShapeRow> rows_;
};

}  // namespace

Result<std::vector<ShapeRow>> parse_shape_rows(const std::string& name, std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  RowParser parser;
  bool has_header = false;
  int line_number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    ++line_number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto fields = fields_of(line);
    const std::string wrong = has_header ? parser.read_row(fields) : parser.read_header(fields);
    if (!wrong.empty()) return Error{name + ":" + std::to_string(line_number) + ": " + wrong};
    has_header = true;
  }
  if (parser.rows().size() < 2) {
    return Error{name + ": needs two rows at least; the time of the last one is the test's end"};
  }
  return std::move(parser.rows());
}

Result<std::vector<ShapeRow>> read_shape_rows(const std::string& path) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::string text(kMaxShapeBytes + 1, '\0');
  if (stream) stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || !stream.is_open()) {
    return Error{path + ": cannot be read: " + std::strerror(errno)};
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxShapeBytes) return Error{path + ": is larger than 8 MiB"};
  return parse_shape_rows(path, text);
}

}  // namespace locust::master
