#include "common/scenario/text_template.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"

namespace locust {

ParsedText parse_text(std::string_view text, VariableNames& variables) {
  ParsedText result;
  std::vector<TextTemplate::Part>& parts = result.text.parts;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) parts.push_back({std::move(literal), nullptr, {}});
    literal.clear();
  };
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t dollar = std::min(text.find('$', i), text.size());
    literal += text.substr(i, dollar - i);
    if (text.substr(dollar, 3) == "$${") {
      literal += "${";
      i = dollar + 3;
    } else if (text.substr(dollar, 2) == "${") {
      end_literal();
      std::size_t end = 0;
      ParsedExpr parsed = parse_embedded_expression(text, dollar + 2, end, variables);
      if (!parsed.expr) {
        result.error = std::move(parsed.error);
        return result;
      }
      parts.push_back({{},
                       std::move(parsed.expr),
                       std::string(trimmed(text.substr(dollar + 2, end - dollar - 2)))});
      i = end + 1;
    } else {
      literal += text.substr(dollar, 1);
      i = dollar + 1;
    }
  }
  end_literal();
  return result;
}

}  // namespace locust
