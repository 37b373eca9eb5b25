// The rows of a feeder in compact form: a million rows take little more memory than their texts.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/scenario/expression_value.h"

namespace locust::worker {

// Immutable once filled. Every row has a value, or null, for every column.
class FeederTable {
 public:
  const std::vector<std::string>& columns() const { return columns_; }
  std::size_t size() const { return columns_.empty() ? 0 : ends_.size() / columns_.size(); }
  // The memory of the rows, without lists and maps in them.
  std::size_t memory_bytes() const {
    return bytes_.capacity() + ends_.capacity() * sizeof(ends_.front());
  }
  // A map of all columns.
  ExprValue row(std::size_t i) const;

  // Rows of texts, stored in `bytes` one after the other; `ends` has the end of each.
  static FeederTable of_texts(std::vector<std::string> columns, std::string bytes,
                              std::vector<std::uint32_t> ends);
  // Rows of values, added one by one; a column that a row lacks is null in it.
  static FeederTable of_values(std::vector<std::string> columns);
  // Returns false if the table is full (4 GiB).
  bool add(const ExprMap& row);
  void shrink_to_fit();

 private:
  ExprValue cell(std::string_view bytes) const;

  std::vector<std::string> columns_;
  std::string bytes_;
  std::vector<std::uint32_t> ends_;  // of cells, row by row
  // Cells of values begin with a byte that says what they are; lists and maps stand in values_.
  bool typed_ = false;
  std::vector<ExprValue> values_;
};

// Called with the errors in a file: "users.csv:7: …".
using FileErrors = std::function<void(const std::string& message)>;

// `text` is the file `path`: a header and rows, RFC 4180 with any delimiter; a byte order mark, LF,
// CR and empty lines are accepted.
FeederTable read_feeder_csv(const std::string& path, std::string text, char delimiter,
                            const FileErrors& error);
// An array of objects. The columns are the keys of all, in the order of their first appearance.
FeederTable read_feeder_json(const std::string& path, const std::string& text,
                             const FileErrors& error);

}  // namespace locust::worker
