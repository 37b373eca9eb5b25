#include "worker/scenario/describe.h"

#include <algorithm>

#include "common/base/credential_names.h"
#include "common/base/mask.h"
#include "common/base/python_repr.h"

namespace locust::worker {
namespace {

constexpr std::size_t kMaxValue = 200;  // bytes of a text

std::string source(const Expr& expr);

std::string source(const std::vector<ExprPtr>& list) {
  std::string text;
  for (const ExprPtr& item : list) {
    if (!text.empty()) text += ", ";
    text += source(*item);
  }
  return text;
}

std::string shown(const ExprValue& value) {
  if (value.is_null()) return "null";
  const std::string* text = value.as_text();
  if (text == nullptr) {
    const std::string json = value.to_json();
    return masked_head(json, kMaxValue) + (json.size() > kMaxValue ? "…" : "");
  }
  const std::string head = python_repr(masked_head(*text, kMaxValue));
  if (text->size() <= kMaxValue) return head;
  return head + "… (" + std::to_string(text->size()) + " bytes)";
}

// Close enough to the author's text to be recognized.
std::string source(const Expr& expr) {
  if (const auto* literal = std::get_if<ExprLiteral>(&expr.node)) return shown(literal->value);
  if (const auto* list = std::get_if<ExprListLiteral>(&expr.node))
    return std::string("[").append(source(list->items)).append("]");
  if (const auto* variable = std::get_if<ExprVariable>(&expr.node)) return variable->name;
  if (const auto* named = std::get_if<ExprNamed>(&expr.node))
    return std::string(expr_name(named->name));
  if (const auto* member = std::get_if<ExprMember>(&expr.node))
    return source(*member->object).append(".").append(member->name);
  if (const auto* index = std::get_if<ExprIndex>(&expr.node))
    return source(*index->object).append("[").append(source(*index->index)).append("]");
  if (const auto* call = std::get_if<ExprCall>(&expr.node)) {
    return std::string(function_name(call->function))
        .append("(")
        .append(source(call->arguments))
        .append(")");
  }
  return "…";
}

// Whether it is a name or a part of a value, not an operation.
bool is_operand(const Expr& expr) {
  return std::holds_alternative<ExprVariable>(expr.node) ||
         std::holds_alternative<ExprNamed>(expr.node) ||
         std::holds_alternative<ExprMember>(expr.node) ||
         std::holds_alternative<ExprIndex>(expr.node) ||
         std::holds_alternative<ExprCall>(expr.node);
}

bool may_be_shown(const Expr& expr) {
  bool may = true;
  walk_expression(expr, [&](const Expr& node) {
    if (std::holds_alternative<ExprEnvironment>(node.node)) may = false;
    const auto* call = std::get_if<ExprCall>(&node.node);
    if (call == nullptr) return;
    switch (call->function) {
      case ExprFunction::kRandomInt:
      case ExprFunction::kRandomFloat:
      case ExprFunction::kRandomChoice:
      case ExprFunction::kRandomString:
      case ExprFunction::kUuid:
      case ExprFunction::kNow:
      case ExprFunction::kTimestampMs:
        may = false;
        break;
      default:
        break;
    }
  });
  return may;
}

class Describer {
 public:
  explicit Describer(const EvalContext& context) : context_(context) {}

  void describe(const Expr& expr) {
    if (is_operand(expr)) {
      add(expr);
    } else if (const auto* list = std::get_if<ExprListLiteral>(&expr.node)) {
      for (const ExprPtr& item : list->items) describe(*item);
    } else if (const auto* unary = std::get_if<ExprUnary>(&expr.node)) {
      describe(*unary->operand);
    } else if (const auto* binary = std::get_if<ExprBinary>(&expr.node)) {
      describe(*binary->left);
      describe(*binary->right);
    }
  }

  std::vector<std::string> take() { return std::move(values_); }

 private:
  void add(const Expr& expr) {
    if (!may_be_shown(expr)) return;
    const std::string what = source(expr);
    std::string text;
    try {
      text = describe_value(what, evaluate(expr, context_));
    } catch (const ExprFailure& e) {
      text.append(what).append(" = error: ").append(e.what());
    }
    if (std::find(values_.begin(), values_.end(), text) == values_.end()) {
      values_.push_back(std::move(text));
    }
  }

  const EvalContext& context_;
  std::vector<std::string> values_;
};

}  // namespace

std::string describe_value(const std::string& name, const ExprValue& value) {
  return name + " = " + (carries_credentials(name) ? std::string(kMask) : shown(value));
}

std::vector<std::string> describe_values(const Expr& condition, const EvalContext& context) {
  Describer describer(context);
  describer.describe(condition);
  return describer.take();
}

}  // namespace locust::worker
