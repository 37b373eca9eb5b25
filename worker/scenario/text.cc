#include "worker/scenario/text.h"

#include <algorithm>

#include "worker/scenario/encode.h"

namespace locust::worker {
namespace {

void append_value(const Expr& expr, std::string_view source, const EvalContext& context,
                  std::string& out) {
  const ExprValue value = evaluate(expr, context);
  if (value.is_null()) throw ExprFailure(std::string(source) + " has no value");
  value.append_text(out);
}

}  // namespace

CompiledText::CompiledText(const TextTemplate& text, ScenarioRuntime& runtime) {
  const EvalContext at_load{.runtime = runtime};
  for (const TextTemplate::Part& part : text.parts) {
    if (part.expr && !is_run_constant(*part.expr)) {
      parts_.push_back({{}, part.expr.get(), part.source});
      continue;
    }
    if (parts_.empty() || parts_.back().expr != nullptr) parts_.emplace_back();
    if (part.expr) {
      append_value(*part.expr, part.source, at_load, parts_.back().literal);
    } else {
      parts_.back().literal += part.literal;
    }
  }
}

const std::string* CompiledText::constant() const {
  static const std::string empty;
  if (parts_.empty()) return &empty;
  return parts_.size() == 1 && parts_.front().expr == nullptr ? &parts_.front().literal : nullptr;
}

void CompiledText::append(const EvalContext& context, std::string& out) const {
  for (const Part& part : parts_) {
    if (part.expr == nullptr) {
      out += part.literal;
    } else {
      append_value(*part.expr, part.source, context, out);
    }
  }
}

std::string CompiledText::render(const EvalContext& context) const {
  std::string out;
  append(context, out);
  return out;
}

std::string CompiledText::as_name() const {
  std::string name;
  for (const Part& part : parts_) {
    if (part.expr == nullptr) {
      name += part.literal;
    } else {
      name += '[';
      name += part.source;
      name += ']';
    }
  }
  return name;
}

ExprValue CompiledValue::evaluate(const EvalContext& context) const {
  if (const ExprValue* value = constant()) return *value;
  if (const auto* expr = std::get_if<const Expr*>(&node)) return worker::evaluate(**expr, context);
  if (const auto* text = std::get_if<CompiledText>(&node)) return ExprValue(text->render(context));
  if (const auto* list = std::get_if<List>(&node)) {
    ExprList values;
    for (const CompiledValue& item : *list) values.push_back(item.evaluate(context));
    return ExprValue(std::move(values));
  }
  ExprMap values;
  for (const auto& [name, item] : std::get<Map>(node)) {
    values.emplace_back(name, item.evaluate(context));
  }
  return ExprValue(std::move(values));
}

CompiledValue compile_value(const ValueTemplate& value, ScenarioRuntime& runtime) {
  const EvalContext at_load{.runtime = runtime};
  if (const auto* constant = std::get_if<ExprValue>(&value.node)) return {*constant};
  if (const auto* text = std::get_if<TextTemplate>(&value.node)) {
    if (const Expr* expr = text->sole_expression()) {
      if (is_run_constant(*expr)) return {evaluate(*expr, at_load)};
      return {expr};
    }
    CompiledText compiled(*text, runtime);
    if (const std::string* whole = compiled.constant()) return {ExprValue(*whole)};
    return {std::move(compiled)};
  }
  bool constant = true;
  if (const auto* list = std::get_if<ValueTemplate::List>(&value.node)) {
    CompiledValue::List compiled;
    for (const ValueTemplate& item : *list) {
      compiled.push_back(compile_value(item, runtime));
      constant = constant && compiled.back().constant() != nullptr;
    }
    CompiledValue result{std::move(compiled)};
    return constant ? CompiledValue{result.evaluate(at_load)} : result;
  }
  CompiledValue::Map compiled;
  for (const auto& [name, item] : std::get<ValueTemplate::Map>(value.node)) {
    compiled.emplace_back(name, compile_value(item, runtime));
    constant = constant && compiled.back().value.constant() != nullptr;
  }
  CompiledValue result{std::move(compiled)};
  return constant ? CompiledValue{result.evaluate(at_load)} : result;
}

CompiledJson::CompiledJson(CompiledValue value) { add(std::move(value)); }

// The literal to append to.
std::string& CompiledJson::literal() {
  const bool is_open =
      !parts_.empty() && parts_.back().expr == nullptr && parts_.back().text.constant() != nullptr;
  if (!is_open) parts_.emplace_back();
  return parts_.back().literal;
}

void CompiledJson::add(CompiledValue value) {
  if (const ExprValue* constant = value.constant()) {
    constant->append_json(literal());
  } else if (const auto* expr = std::get_if<const Expr*>(&value.node)) {
    literal();
    parts_.back().expr = *expr;
  } else if (auto* text = std::get_if<CompiledText>(&value.node)) {
    literal() += '"';
    parts_.back().text = std::move(*text);
    literal() += '"';
  } else if (auto* list = std::get_if<CompiledValue::List>(&value.node)) {
    std::string_view separator = "[";
    for (CompiledValue& item : *list) {
      literal() += separator;
      separator = ", ";
      add(std::move(item));
    }
    literal() += ']';
  } else {
    std::string_view separator = "{";
    for (auto& [name, item] : std::get<CompiledValue::Map>(value.node)) {
      literal() += separator;
      separator = ", ";
      append_json_quoted(name, literal());
      literal() += ": ";
      add(std::move(item));
    }
    literal() += '}';
  }
}

void CompiledJson::append(const EvalContext& context, std::string& out) const {
  std::string text;
  for (const Part& part : parts_) {
    out += part.literal;
    if (part.expr != nullptr) {
      evaluate(*part.expr, context).append_json(out);
    } else if (part.text.constant() == nullptr) {
      text.clear();
      part.text.append(context, text);
      append_json_escaped(text, out);
    }
  }
}

CompiledFields::CompiledFields(const std::vector<NamedValue>& fields, ScenarioRuntime& runtime) {
  for (const NamedValue& field : fields) {
    std::string name;
    append_form_encoded(field.name, name);
    fields_.push_back({std::move(name), compile_value(field.value, runtime)});
  }
}

bool CompiledFields::is_constant() const {
  return std::all_of(fields_.begin(), fields_.end(),
                     [](const Field& field) { return field.value.constant() != nullptr; });
}

void CompiledFields::append(const EvalContext& context, std::string& out) const {
  std::string_view separator;
  const auto append_one = [&](const std::string& name, const ExprValue& value) {
    if (value.is_null()) return;
    out += separator;
    separator = "&";
    out += name;
    out += '=';
    append_form_encoded(value.to_text(), out);
  };
  for (const Field& field : fields_) {
    const ExprValue value = field.value.evaluate(context);
    if (const ExprList* list = value.as_list()) {
      for (const ExprValue& item : *list) append_one(field.encoded_name, item);
    } else {
      append_one(field.encoded_name, value);
    }
  }
}

}  // namespace locust::worker
