// The lexer of the expression language; used by expression_parse.cc only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/scenario/expression.h"

namespace locust {

enum class ExprTokenKind { kEnd, kName, kNumber, kDuration, kText, kSymbol };

struct ExprToken {
  ExprTokenKind kind = ExprTokenKind::kEnd;
  std::size_t offset = 0;
  std::string_view text;  // of a text: without its quotes
};

// Thrown for a syntax error; never leaves parse_expression.
struct ExprSyntaxError {
  ExprError error;
};

[[noreturn]] void syntax_error(std::size_t offset, std::string message);

// Holds one token and reads the next on demand, so that it never looks beyond the '}' that ends a
// ${…}. Throws ExprSyntaxError. Backslashes in texts are ordinary characters, which suits regular
// expressions.
class ExprLexer {
 public:
  // `text` must outlive the lexer and its tokens.
  ExprLexer(std::string_view text, std::size_t begin) : text_(text), position_(begin) { next(); }

  const ExprToken& current() const { return current_; }
  // Whether the current token is this symbol or word; a quoted text is neither.
  bool is(std::string_view symbol) const;
  void next();

 private:
  void take_text(char quote);
  void take_number();
  void take_symbol(char c);

  std::string_view text_;
  std::size_t position_;
  ExprToken current_;
};

}  // namespace locust
