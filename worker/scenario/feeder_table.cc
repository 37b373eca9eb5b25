#include "worker/scenario/feeder_table.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace locust::worker {
namespace {

enum Kind : char {
  kNull = '0',
  kFalse = 'f',
  kTrue = 't',
  kNumber = 'n',
  kText = '"',
  kOther = 'x'
};

const ExprValue& find(const ExprMap& row, const std::string& column) {
  static const ExprValue null;
  const auto found = std::find_if(row.begin(), row.end(),
                                  [&](const auto& entry) { return entry.first == column; });
  return found == row.end() ? null : found->second;
}

}  // namespace

FeederTable FeederTable::of_texts(std::vector<std::string> columns, std::string bytes,
                                  std::vector<std::uint32_t> ends) {
  FeederTable table;
  table.columns_ = std::move(columns);
  table.bytes_ = std::move(bytes);
  table.ends_ = std::move(ends);
  table.shrink_to_fit();
  return table;
}

FeederTable FeederTable::of_values(std::vector<std::string> columns) {
  FeederTable table;
  table.columns_ = std::move(columns);
  table.typed_ = true;
  return table;
}

bool FeederTable::add(const ExprMap& row) {
  for (const std::string& column : columns_) {
    const ExprValue& value = find(row, column);
    if (value.is_null()) {
      bytes_ += kNull;
    } else if (const bool* flag = value.as_bool()) {
      bytes_ += *flag ? kTrue : kFalse;
    } else if (value.is_number()) {
      bytes_ += kNumber;
      value.append_json(bytes_);
    } else if (const std::string* text = value.as_text()) {
      bytes_ += kText;
      bytes_ += *text;
    } else {
      bytes_ += kOther;
      bytes_ += std::to_string(values_.size());
      values_.push_back(value);
    }
    if (bytes_.size() > std::numeric_limits<std::uint32_t>::max()) return false;
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }
  return true;
}

void FeederTable::shrink_to_fit() {
  bytes_.shrink_to_fit();
  ends_.shrink_to_fit();
}

ExprValue FeederTable::cell(std::string_view bytes) const {
  if (!typed_) return ExprValue(bytes);
  const std::string_view rest = bytes.substr(1);
  switch (bytes.front()) {
    case kFalse:
    case kTrue:
      return ExprValue(bytes.front() == kTrue);
    case kNumber:
      return json_number_value(rest);
    case kText:
      return ExprValue(rest);
    case kOther:
      return values_[std::stoul(std::string(rest))];
    default:
      return ExprValue();
  }
}

ExprValue FeederTable::row(std::size_t i) const {
  ExprMap row;
  row.reserve(columns_.size());
  std::size_t at = i * columns_.size();
  std::size_t begin = at == 0 ? 0 : ends_[at - 1];
  for (const std::string& column : columns_) {
    const std::size_t end = ends_[at++];
    row.emplace_back(column, cell(std::string_view(bytes_).substr(begin, end - begin)));
    begin = end;
  }
  return ExprValue(std::move(row));
}

}  // namespace locust::worker
