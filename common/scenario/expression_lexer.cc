#include "common/scenario/expression_lexer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "common/base/nearest_name.h"
#include "common/base/text.h"

namespace locust {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_char(char c) { return is_name_start(c) || is_digit(c); }

}  // namespace

void syntax_error(std::size_t offset, std::string message) {
  throw ExprSyntaxError{{offset, std::move(message)}};
}

bool ExprLexer::is(std::string_view symbol) const {
  return (current_.kind == ExprTokenKind::kSymbol || current_.kind == ExprTokenKind::kName) &&
         current_.text == symbol;
}

void ExprLexer::next() {
  while (position_ < text_.size() && is_space(text_[position_])) ++position_;
  const std::size_t begin = position_;
  if (begin == text_.size()) {
    current_ = {ExprTokenKind::kEnd, begin, {}};
    return;
  }
  const char c = text_[begin];
  if (c == '\'' || c == '"') {
    take_text(c);
  } else if (is_digit(c)) {
    take_number();
  } else if (is_name_start(c)) {
    while (position_ < text_.size() && is_name_char(text_[position_])) ++position_;
    current_ = {ExprTokenKind::kName, begin, text_.substr(begin, position_ - begin)};
  } else {
    take_symbol(c);
  }
}

void ExprLexer::take_text(char quote) {
  const std::size_t begin = position_;
  const std::size_t end = text_.find(quote, begin + 1);
  if (end == std::string_view::npos) syntax_error(begin, "this text has no closing quote");
  current_ = {ExprTokenKind::kText, begin, text_.substr(begin + 1, end - begin - 1)};
  position_ = end + 1;
}

void ExprLexer::take_number() {
  const std::size_t begin = position_;
  const auto digits = [this] {
    while (position_ < text_.size() && is_digit(text_[position_])) ++position_;
  };
  digits();
  if (position_ + 1 < text_.size() && text_[position_] == '.' && is_digit(text_[position_ + 1])) {
    ++position_;
    digits();
  }
  const std::size_t number_end = position_;
  while (position_ < text_.size() && (is_name_char(text_[position_]) || text_[position_] == '.')) {
    ++position_;
  }
  const std::string_view word = text_.substr(begin, position_ - begin);
  if (number_end == position_ || to_number(ExprValue(word))) {
    current_ = {ExprTokenKind::kNumber, begin, word};
  } else if (parse_duration(word)) {
    current_ = {ExprTokenKind::kDuration, begin, word};
  } else {
    syntax_error(begin,
                 in_quotes(word) + " is neither a number nor a duration such as 800ms or 1h30m");
  }
}

void ExprLexer::take_symbol(char c) {
  static constexpr std::array<std::string_view, 4> kDouble = {"==", "!=", "<=", ">="};
  const std::string_view two = text_.substr(position_, 2);
  const bool is_double = std::find(kDouble.begin(), kDouble.end(), two) != kDouble.end();
  if (!is_double && std::string_view("+-*/%<>()[],.}").find(c) == std::string_view::npos) {
    std::string message = "unexpected " + in_quotes({&c, 1});
    if (c == '=') message += "; equality is ==";
    if (c == '!') message += "; negation is 'not'";
    if (c == '&') message += "; write 'and'";
    if (c == '|') message += "; write 'or'";
    if (c == '$') message += "; write names without ${ } here";
    syntax_error(position_, message);
  }
  const std::size_t length = is_double ? 2 : 1;
  current_ = {ExprTokenKind::kSymbol, position_, text_.substr(position_, length)};
  position_ += length;
}

}  // namespace locust
