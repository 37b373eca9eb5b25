#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>

#include "worker/scenario/feeder_table.h"
#include "worker/scenario/json_document.h"
#include "worker/scenario/json_value.h"

namespace locust::worker {
namespace {

using simdjson::dom::element;

// simdjson does not report where it stopped.
std::string syntax_error(const std::string& text) {
  const auto keep_nothing = [](int, nlohmann::json::parse_event_t, nlohmann::json&) {
    return false;
  };
  try {
    [[maybe_unused]] const auto nothing = nlohmann::json::parse(text, keep_nothing);
  } catch (const nlohmann::json::parse_error& e) {
    const std::size_t end = std::min(e.byte == 0 ? 0 : e.byte - 1, text.size());
    const auto lines =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    return ":" + std::to_string(lines + 1) + ": this is not JSON";
  } catch (const nlohmann::json::out_of_range&) {
    return " is not JSON";  // it says no place, because it stops at a number beyond its own
  }
  return " is JSON that is nested too deeply";
}

}  // namespace

FeederTable read_feeder_json(const std::string& path, const std::string& text,
                             const FileErrors& error) {
  const bool has_mark = text.starts_with("\xEF\xBB\xBF");
  JsonDocument document;
  if (text.find_first_not_of(" \t\r\n", has_mark ? 3 : 0) == std::string::npos) {
    error(path + " is empty; it must contain a JSON array of objects");
    return {};
  }
  const auto root = document.parse(std::string_view(text).substr(has_mark ? 3 : 0));
  if (!root) {
    error(path + syntax_error(text));
    return {};
  }
  simdjson::dom::array array;
  if (root->get(array) != simdjson::SUCCESS) {
    error(path + " must contain a JSON array of objects, [{…}, …]");
    return {};
  }
  std::vector<std::string> columns;
  std::unordered_set<std::string> seen;
  std::size_t rows = 0;
  for (const element item : array) {
    simdjson::dom::object object;
    if (item.get(object) != simdjson::SUCCESS) {
      error(path + ": element " + std::to_string(rows) + " of the array is not an object");
      return {};
    }
    for (const auto field : object) {
      if (seen.emplace(field.key).second) columns.emplace_back(field.key);
    }
    ++rows;
  }
  if (columns.empty()) {
    error(path + " has no rows: the array is empty, or its objects are");
    return {};
  }
  FeederTable table = FeederTable::of_values(std::move(columns));
  for (const element item : array) {
    const ExprValue row = to_value(item);
    if (table.add(*row.as_map())) continue;
    error(path + " is larger than 4 GiB");
    break;
  }
  table.shrink_to_fit();
  return table;
}

}  // namespace locust::worker
