#include "worker/scenario/plan_text.h"

#include <algorithm>
#include <tuple>

namespace locust::worker {
namespace {

const std::string* literal(const Expr& expr) {
  const auto* value = std::get_if<ExprLiteral>(&expr.node);
  return value == nullptr ? nullptr : value->value.as_text();
}

}  // namespace

std::vector<std::string> TextCompiler::errors() {
  const auto place = [](const auto& e) {
    return std::tie(e.first.file, e.first.line, e.first.column, e.second);
  };
  std::sort(errors_.begin(), errors_.end(),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
  std::vector<std::string> lines;
  for (const auto& [pos, message] : errors_) {
    std::string line = to_string(scenario_, pos) + ": " + message;
    if (lines.empty() || lines.back() != line) lines.push_back(std::move(line));
  }
  return lines;
}

const Expr* TextCompiler::check(const Expr& root, SourcePos pos) {
  walk_expression(root, [&](const Expr& e) {
    if (const auto* call = std::get_if<ExprCall>(&e.node)) {
      const std::string* text = call->arguments.empty() ? nullptr : literal(*call->arguments[0]);
      if (text == nullptr) return;
      if (call->function == ExprFunction::kJson && !is_json_pointer(*text)) {
        report(pos, "a JSON pointer begins with '/': json('/" + *text + "')");
      } else if (call->function == ExprFunction::kRegex ||
                 call->function == ExprFunction::kRegexAll) {
        check_regex(*text, pos);
      }
    } else if (const auto* binary = std::get_if<ExprBinary>(&e.node)) {
      const std::string* text = literal(*binary->right);
      if (binary->op == ExprBinaryOp::kMatches && text != nullptr) check_regex(*text, pos);
    }
  });
  return &root;
}

void TextCompiler::check_regex(const std::string& pattern, SourcePos pos) {
  try {
    runtime_.regexes.get(pattern);
  } catch (const ExprFailure& e) {
    report(pos, e.what());
  }
}

CompiledText TextCompiler::text(const TextTemplate& source) {
  for (const TextTemplate::Part& part : source.parts) {
    if (part.expr) check(*part.expr, source.pos);
  }
  try {
    return CompiledText(source, runtime_);
  } catch (const ExprFailure& e) {
    report(source.pos, e.what());
    return {};
  }
}

CompiledValue TextCompiler::value(const ValueTemplate& source) {
  try {
    CompiledValue compiled = compile_value(source, runtime_);
    compiled.each_expression([&](const Expr& expr) { check(expr, source.pos); });
    return compiled;
  } catch (const ExprFailure& e) {
    report(source.pos, e.what());
    return {};
  }
}

CompiledFields TextCompiler::fields(const std::vector<NamedValue>& source, SourcePos pos) {
  try {
    CompiledFields compiled(source, runtime_);
    compiled.each_expression([&](const Expr& expr) { check(expr, pos); });
    return compiled;
  } catch (const ExprFailure& e) {
    report(pos, e.what());
    return {};
  }
}

HeaderPlans TextCompiler::headers(const std::vector<HeaderSpec>& specs) {
  HeaderPlans plans;
  for (const HeaderSpec& spec : specs) {
    HeaderPlan& header = plans.emplace_back();
    header.name = spec.name;
    if (spec.value) header.value = text(*spec.value);
  }
  return plans;
}

std::optional<std::string> TextCompiler::constant_text(const TextTemplate& source,
                                                       const std::string& what) {
  const std::size_t errors = errors_.size();
  const CompiledText compiled = text(source);
  if (errors_.size() > errors) return std::nullopt;
  if (const std::string* constant = compiled.constant()) return *constant;
  report(source.pos, what + " may contain ${env.NAME}, but nothing that changes during the run");
  return std::nullopt;
}

}  // namespace locust::worker
