#include "common/scenario/scenario_parse_errors.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace locust {
namespace {

// Finds the starts of lines that are requested in ascending order.
class LineCursor {
 public:
  explicit LineCursor(const std::string& text) : text_(text) {}

  // The characters of the line before byte column `column`, plus one.
  int character_column(int line, int column) {
    for (; line_ < line; ++line_) {
      const std::size_t end = text_.find('\n', begin_);
      if (end == std::string::npos) return column;
      begin_ = end + 1;
    }
    const std::size_t end = std::min(text_.size(), begin_ + static_cast<std::size_t>(column - 1));
    int characters = 1;
    for (std::size_t i = begin_; i < end; ++i) {
      if ((static_cast<unsigned char>(text_[i]) & 0xC0) != 0x80) ++characters;
    }
    return characters;
  }

 private:
  const std::string& text_;
  int line_ = 1;
  std::size_t begin_ = 0;
};

}  // namespace

void ScenarioErrors::add(SourcePos pos, std::string message) {
  errors_.push_back({pos, std::move(message)});
}

std::vector<std::string> ScenarioErrors::sorted_lines() const {
  const auto key = [](const Entry& e) {
    return std::tie(e.pos.file, e.pos.line, e.pos.column, e.message);
  };
  std::vector<Entry> sorted = errors_;
  std::sort(sorted.begin(), sorted.end(),
            [&key](const Entry& a, const Entry& b) { return key(a) < key(b); });
  const auto same = [&key](const Entry& a, const Entry& b) { return key(a) == key(b); };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());

  std::vector<LineCursor> cursors;
  for (const ScenarioSource& file : files_) cursors.emplace_back(file.text);
  std::vector<std::string> lines;
  for (const Entry& entry : sorted) {
    const auto file = static_cast<std::size_t>(entry.pos.file);
    std::string line = files_[file].name + ":";
    if (entry.pos.line > 0) {
      const int column = cursors[file].character_column(entry.pos.line, entry.pos.column);
      line += std::to_string(entry.pos.line) + ":" + std::to_string(column) + ":";
    }
    lines.push_back(line + " " + entry.message);
  }
  return lines;
}

}  // namespace locust
