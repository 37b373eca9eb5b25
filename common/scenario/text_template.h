// Parses texts with ${…}, for scenarios and for the files of template().
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/scenario/scenario.h"

namespace locust {

struct ParsedText {
  TextTemplate text;               // the caller sets its pos
  std::optional<ExprError> error;  // then the text is incomplete
};

// `$${` is a literal `${`. Offsets of expressions count from the start of `text`.
ParsedText parse_text(std::string_view text, VariableNames& variables);

}  // namespace locust
