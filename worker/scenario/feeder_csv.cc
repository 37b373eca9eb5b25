#include <algorithm>
#include <utility>

#include "common/base/nearest_name.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "worker/scenario/feeder_table.h"

namespace locust::worker {
namespace {

// With a wrong delimiter every line is an error.
constexpr int kMaxErrors = 5;

// Reads records of `bytes` and moves their values to its front: a value is never longer than its
// encoded form.
class CsvReader {
 public:
  CsvReader(const std::string& path, std::string& bytes, char delimiter, const FileErrors& error)
      : path_(path), bytes_(bytes), delimiter_(delimiter), error_(error) {}

  // Appends the ends of the next record's values to `ends`. Returns false at the end of the file.
  bool read_record(std::vector<std::uint32_t>& ends) {
    while (is_line_end(in_)) end_line();
    if (in_ >= bytes_.size()) return false;
    record_line_ = line_;
    while (true) {
      read_value();
      ends.push_back(static_cast<std::uint32_t>(out_));
      if (in_ < bytes_.size() && bytes_[in_] == delimiter_) {
        ++in_;
        continue;
      }
      if (is_line_end(in_)) end_line();
      return true;
    }
  }

  void error(int line, const std::string& message) {
    if (++errors_ <= kMaxErrors) error_(path_ + ":" + std::to_string(line) + ": " + message);
    if (errors_ == kMaxErrors + 1) error_(path_ + ": there are more errors");
  }

  int record_line() const { return record_line_; }
  std::size_t end() const { return out_; }
  // Moves the values that are read from now on to the front again.
  void forget() { out_ = 0; }
  void skip(std::size_t bytes) { in_ += bytes; }

 private:
  bool is_line_end(std::size_t i) const {
    return i < bytes_.size() && (bytes_[i] == '\n' || bytes_[i] == '\r');
  }
  void end_line() {
    if (bytes_[in_] == '\r' && in_ + 1 < bytes_.size() && bytes_[in_ + 1] == '\n') ++in_;
    ++in_;
    ++line_;
  }
  void put(char c) { bytes_[out_++] = c; }

  void read_value() {
    if (in_ < bytes_.size() && bytes_[in_] == '"') {
      read_quoted();
      if (in_ >= bytes_.size() || bytes_[in_] == delimiter_ || is_line_end(in_)) return;
      error(line_, "text after a closing quote: a quote inside a value is written twice");
    }
    bool quote = false;
    while (in_ < bytes_.size() && bytes_[in_] != delimiter_ && !is_line_end(in_)) {
      quote |= bytes_[in_] == '"';
      put(bytes_[in_++]);
    }
    if (quote) {
      error(line_, "a quote inside a value: put the value in quotes and write the quote twice");
    }
  }

  void read_quoted() {
    const int opened = line_;
    ++in_;
    while (in_ < bytes_.size()) {
      const char c = bytes_[in_++];
      if (c == '"' && (in_ >= bytes_.size() || bytes_[in_] != '"')) return;
      if (c == '"') ++in_;
      if (c == '\n') ++line_;
      put(c);
    }
    error(opened, "the quote that opens a value in this line is never closed");
  }

  const std::string& path_;
  std::string& bytes_;
  const char delimiter_;
  const FileErrors& error_;
  std::size_t in_ = 0;
  std::size_t out_ = 0;
  int line_ = 1;
  int record_line_ = 1;
  int errors_ = 0;
};

std::vector<std::string> read_header(CsvReader& reader, const std::string& bytes) {
  std::vector<std::uint32_t> ends;
  std::vector<std::string> columns;
  reader.read_record(ends);
  std::size_t begin = 0;
  for (const std::uint32_t end : ends) {
    std::string column = bytes.substr(begin, end - begin);
    begin = end;
    if (column.empty()) {
      reader.error(reader.record_line(), "a column of the header has no name");
    } else if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      reader.error(reader.record_line(), "the column " + in_quotes(column) + " is a duplicate");
    }
    columns.push_back(std::move(column));
  }
  reader.forget();
  return columns;
}

}  // namespace

FeederTable read_feeder_csv(const std::string& path, std::string text, char delimiter,
                            const FileErrors& error) {
  if (!is_valid_utf8(text) || text.find('\0') != std::string::npos) {
    error(path + " is not UTF-8 text; save it as UTF-8");
    return {};
  }
  CsvReader reader(path, text, delimiter, error);
  if (text.starts_with("\xEF\xBB\xBF")) reader.skip(3);
  std::vector<std::string> columns = read_header(reader, text);
  if (columns.empty()) {
    error(path + " is empty; its first line must name the columns");
    return {};
  }
  std::vector<std::uint32_t> ends;
  std::size_t before = 0;
  for (; reader.read_record(ends); before = ends.size()) {
    const std::size_t values = ends.size() - before;
    if (values == columns.size()) continue;
    reader.error(reader.record_line(), counted(values, "value") + ", but the header names " +
                                           counted(columns.size(), "column") +
                                           "; quote values that contain a " +
                                           in_quotes({&delimiter, 1}));
    ends.resize(before);
  }
  if (ends.empty()) error(path + " has no rows below its header");
  text.resize(reader.end());
  return FeederTable::of_texts(std::move(columns), std::move(text), std::move(ends));
}

}  // namespace locust::worker
