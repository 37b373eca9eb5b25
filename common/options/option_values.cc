#include "common/options/option_values.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <sstream>

#include "common/base/number.h"
#include "common/base/time_span.h"

namespace locust {
namespace {

// The values of configargparse for true and false in the environment variable of a flag.
std::optional<bool> parse_bool(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  for (const char* yes : {"true", "yes", "on", "1"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"false", "no", "off", "0"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

// The elements of a list that is one text: "[a, b]" or "a b". JSON is one element; its reader
// splits it.
std::vector<std::string> list_elements(std::string text) {
  if (text.find('{') != std::string::npos) return {text};
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '[' || c == ']' || c == ','; }, ' ');
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

}  // namespace

std::string shielded(std::string argument) {
  const std::size_t value = argument.starts_with("--") ? argument.find('=') + 1 : 0;
  const std::size_t array = argument.find_first_not_of(" \t\n", value);
  if (array == std::string::npos || argument[array] != '[') return argument;
  const std::size_t element = argument.find_first_not_of(" \t\n", array + 1);
  if (element != std::string::npos && argument[element] == '{') argument.insert(value, " ");
  return argument;
}

Result<std::vector<std::string>> as_arguments(const std::string& name, int max_values,
                                              const std::vector<std::string>& values,
                                              bool is_list) {
  if (max_values > 1) {
    std::vector<std::string> arguments;
    for (const std::string& element : is_list ? values : list_elements(values.front())) {
      arguments.push_back(shielded(name + '=' + element));
    }
    return arguments;
  }
  if (is_list) return Error{"takes one value, not a list"};
  if (max_values == 1) return std::vector<std::string>{name + '=' + values.front()};
  const auto on = parse_bool(values.front());
  if (!on) return Error{'\'' + values.front() + "' is not true or false"};
  return *on ? std::vector<std::string>{name} : std::vector<std::string>{};
}

std::string replace_with_seconds(std::string& time_span) {
  const auto span = parse_time_span(time_span);
  if (!span) return span.error();
  time_span = std::to_string(span->count());
  return {};
}

std::string number_error(const std::string& text, double min, double max) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, ec] = std::from_chars(text.data(), end, number);
  // NaN compares false with every number.
  if (ec == std::errc{} && rest == end && number >= min && number <= max) return {};
  return '\'' + text + "' is not a number from " + Number(min).repr() + " to " + Number(max).repr();
}

}  // namespace locust
