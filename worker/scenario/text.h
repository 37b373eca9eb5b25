// The texts and values of a scenario, compiled at load: constant parts are rendered once, the rest
// is evaluated each time.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/scenario/scenario.h"
#include "worker/scenario/expression_eval.h"

namespace locust::worker {

// A text with ${…}. Refers to expressions of the Scenario, which must outlive it.
class CompiledText {
 public:
  CompiledText() = default;  // the empty text
  // Evaluates constant parts. Throws ExprFailure, like append().
  CompiledText(const TextTemplate& text, ScenarioRuntime& runtime);

  // The whole text, if it is known at load.
  const std::string* constant() const;
  // Throws ExprFailure if a part is null, naming it.
  void append(const EvalContext& context, std::string& out) const;
  std::string render(const EvalContext& context) const;
  // The text with "[x]" for each part that is known only at run time: a name for statistics.
  std::string as_name() const;
  // Calls `visit(const Expr&)` for each expression that is evaluated at run time.
  template <typename Visit>
  void each_expression(Visit&& visit) const {
    for (const Part& part : parts_) {
      if (part.expr != nullptr) visit(*part.expr);
    }
  }

 private:
  struct Part {
    std::string literal;         // when expr is null
    const Expr* expr = nullptr;  // evaluated each time
    std::string_view source;     // of expr
  };
  std::vector<Part> parts_;
};

// A YAML value with texts in it.
struct CompiledValue {
  using List = std::vector<CompiledValue>;
  struct Member;
  using Map = std::vector<Member>;
  // A text that consists of one ${…} is an expression, so that it keeps its type. Constant lists
  // and maps are an ExprValue.
  std::variant<ExprValue, const Expr*, CompiledText, List, Map> node;

  const ExprValue* constant() const { return std::get_if<ExprValue>(&node); }
  ExprValue evaluate(const EvalContext& context) const;
  template <typename Visit>
  void each_expression(Visit&& visit) const;
};
struct CompiledValue::Member {
  std::string name;
  CompiledValue value;
};
CompiledValue compile_value(const ValueTemplate& value, ScenarioRuntime& runtime);

// A JSON body: constant parts are rendered once.
class CompiledJson {
 public:
  CompiledJson() = default;
  explicit CompiledJson(CompiledValue value);
  void append(const EvalContext& context, std::string& out) const;
  template <typename Visit>
  void each_expression(Visit&& visit) const {
    for (const Part& part : parts_) {
      if (part.expr != nullptr) visit(*part.expr);
      part.text.each_expression(visit);
    }
  }

 private:
  // First the literal, then the value of `expr` as JSON or the text within JSON quotes.
  struct Part {
    std::string literal;
    const Expr* expr = nullptr;
    CompiledText text;
  };
  void add(CompiledValue value);
  std::string& literal();

  std::vector<Part> parts_;
};

// `params` or `form`, URL-encoded: "a=1&b=x+y". Lists repeat the name, null omits it.
class CompiledFields {
 public:
  CompiledFields() = default;
  CompiledFields(const std::vector<NamedValue>& fields, ScenarioRuntime& runtime);
  bool is_constant() const;
  void append(const EvalContext& context, std::string& out) const;
  template <typename Visit>
  void each_expression(Visit&& visit) const {
    for (const Field& field : fields_) field.value.each_expression(visit);
  }

 private:
  struct Field {
    std::string encoded_name;
    CompiledValue value;
  };
  std::vector<Field> fields_;
};

template <typename Visit>
void CompiledValue::each_expression(Visit&& visit) const {
  if (const auto* expr = std::get_if<const Expr*>(&node)) {
    visit(**expr);
  } else if (const auto* text = std::get_if<CompiledText>(&node)) {
    text->each_expression(visit);
  } else if (const auto* list = std::get_if<List>(&node)) {
    for (const CompiledValue& item : *list) item.each_expression(visit);
  } else if (const auto* map = std::get_if<Map>(&node)) {
    for (const auto& [name, item] : *map) item.each_expression(visit);
  }
}

}  // namespace locust::worker
