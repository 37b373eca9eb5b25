#include "worker/scenario/expression_eval.h"

#include <algorithm>
#include <utility>

#include "worker/scenario/file_template.h"
#include "worker/user/http_session.h"

namespace locust::worker {
namespace {

const HttpResponse* response_of(const EvalContext& context) {
  return context.exchange == nullptr ? nullptr : &context.exchange->response;
}

ExprValue phase_time(ExprName name, const HttpResponse& response) {
  const RequestPhases phases = request_phases(response.phases);
  const std::optional<Duration>& time = name == ExprName::kTimeDns       ? phases.dns
                                        : name == ExprName::kTimeConnect ? phases.connect
                                        : name == ExprName::kTimeTls     ? phases.tls
                                                                         : phases.first_byte;
  return time ? ExprValue(*time) : ExprValue();
}

ExprValue named_value(ExprName name, const EvalContext& context) {
  const HttpResponse* response = response_of(context);
  const bool answered = response != nullptr && context.serial != 0;
  switch (name) {
    case ExprName::kStatus:
      return ExprValue(answered ? response->status : 0);
    case ExprName::kTime:
      return answered ? ExprValue(response->response_time) : ExprValue();
    case ExprName::kTimeDns:
    case ExprName::kTimeConnect:
    case ExprName::kTimeTls:
    case ExprName::kTimeFirstByte:
      return answered ? phase_time(name, *response) : ExprValue();
    case ExprName::kSize:
      return answered ? ExprValue(response->content_length) : ExprValue();
    case ExprName::kUrl:
      return answered ? ExprValue(context.exchange->url()) : ExprValue();
    case ExprName::kBody:
      return answered ? ExprValue(response->body) : ExprValue();
    case ExprName::kError:
      return context.failure.empty() ? ExprValue() : ExprValue(context.failure);
    case ExprName::kFailed:
      return ExprValue(!context.failure.empty());
    case ExprName::kUserId:
      return ExprValue(context.user_id);
    case ExprName::kWorkerIndex:
      return ExprValue(context.runtime.worker_index);
    case ExprName::kIteration:
      return ExprValue(context.iteration);
  }
  return ExprValue();
}

const ExprValue* find_member(const ExprValue& object, std::string_view name) {
  const ExprMap* map = object.as_map();
  if (map == nullptr) return nullptr;
  const auto found = std::find_if(map->begin(), map->end(),
                                  [&](const auto& entry) { return entry.first == name; });
  return found == map->end() ? nullptr : &found->second;
}

// Negative indices count from the end. Missing elements are null.
ExprValue index_value(const ExprValue& object, const ExprValue& index) {
  if (const ExprList* list = object.as_list()) {
    const std::int64_t i = require_number(index, "[ ]").to_int();
    const auto size = static_cast<std::int64_t>(list->size());
    const std::int64_t at = i < 0 ? i + size : i;
    return at >= 0 && at < size ? (*list)[static_cast<std::size_t>(at)] : ExprValue();
  }
  if (const std::string* name = index.as_text()) {
    if (const ExprValue* found = find_member(object, *name)) return *found;
  }
  return ExprValue();
}

bool contains(std::optional<std::string_view> text, const ExprValue& part) {
  return text && !part.is_null() && text->find(part.to_text()) != std::string_view::npos;
}

bool is_in(const ExprValue& value, const Expr& right, const EvalContext& context) {
  const ExprValue container = evaluate(right, context);
  if (const ExprList* list = container.as_list()) {
    return std::any_of(list->begin(), list->end(),
                       [&](const ExprValue& item) { return equal(value, item); });
  }
  if (container.as_map() != nullptr) return find_member(container, value.to_text()) != nullptr;
  if (container.is_null()) return false;
  return contains(container.to_text(), value);
}

// `left contains right` is `right in left`, but must not copy a body.
bool contains_value(const Expr& left, const Expr& right, const EvalContext& context) {
  std::string storage;
  const bool is_body = std::holds_alternative<ExprNamed>(left.node);
  if (!is_body) return is_in(evaluate(right, context), left, context);
  return contains(text_operand(left, context, storage), evaluate(right, context));
}

bool matches(const Expr& left, const Expr& right, const EvalContext& context) {
  std::string text_storage, pattern_storage;
  const auto text = text_operand(left, context, text_storage);
  const auto pattern = text_operand(right, context, pattern_storage);
  if (!text || !pattern) return false;
  return RE2::PartialMatch({text->data(), text->size()}, context.runtime.regexes.get(*pattern));
}

ExprValue binary_value(const ExprBinary& binary, const EvalContext& context) {
  switch (binary.op) {
    case ExprBinaryOp::kOr: {
      ExprValue left = evaluate(*binary.left, context);
      return left.truthy() ? left : evaluate(*binary.right, context);
    }
    case ExprBinaryOp::kAnd: {
      ExprValue left = evaluate(*binary.left, context);
      return left.truthy() ? evaluate(*binary.right, context) : left;
    }
    case ExprBinaryOp::kContains:
      return ExprValue(contains_value(*binary.left, *binary.right, context));
    case ExprBinaryOp::kMatches:
      return ExprValue(matches(*binary.left, *binary.right, context));
    case ExprBinaryOp::kIn:
      return ExprValue(is_in(evaluate(*binary.left, context), *binary.right, context));
    default:
      break;
  }
  const ExprValue left = evaluate(*binary.left, context);
  const ExprValue right = evaluate(*binary.right, context);
  switch (binary.op) {
    case ExprBinaryOp::kEqual:
      return ExprValue(equal(left, right));
    case ExprBinaryOp::kNotEqual:
      return ExprValue(!equal(left, right));
    case ExprBinaryOp::kLess:
    case ExprBinaryOp::kLessEqual:
    case ExprBinaryOp::kGreater:
    case ExprBinaryOp::kGreaterEqual:
      return ExprValue(compare(binary.op, left, right));
    default:
      return calculate(binary.op, left, right);
  }
}

// One small frame per kind of node: trees are walked on a user's stack.
struct Evaluator {
  const EvalContext& context;

  ExprValue operator()(const ExprLiteral& e) const { return e.value; }
  ExprValue operator()(const ExprListLiteral& e) const {
    ExprList list;
    list.reserve(e.items.size());
    for (const ExprPtr& item : e.items) list.push_back(evaluate(*item, context));
    return ExprValue(std::move(list));
  }
  ExprValue operator()(const ExprVariable& e) const { return variable_value(e.slot, context); }
  ExprValue operator()(const ExprNamed& e) const { return named_value(e.name, context); }
  ExprValue operator()(const ExprEnvironment& e) const {
    return context.runtime.environment(e.name);
  }
  ExprValue operator()(const ExprArgument& e) const { return context.runtime.argument(e.name); }
  ExprValue operator()(const ExprMember& e) const {
    const ExprValue object = evaluate(*e.object, context);
    const ExprValue* found = find_member(object, e.name);
    return found == nullptr ? ExprValue() : *found;
  }
  ExprValue operator()(const ExprIndex& e) const {
    const ExprValue object = evaluate(*e.object, context);
    return index_value(object, evaluate(*e.index, context));
  }
  ExprValue operator()(const ExprCall& e) const { return call_function(e, context); }
  ExprValue operator()(const ExprUnary& e) const {
    const ExprValue value = evaluate(*e.operand, context);
    return e.op == ExprUnaryOp::kNot ? ExprValue(!value.truthy()) : negate(value);
  }
  ExprValue operator()(const ExprBinary& e) const { return binary_value(e, context); }
};

}  // namespace

const RE2& RegexCache::get(std::string_view pattern) {
  const auto found = patterns_.find(pattern);
  if (found != patterns_.end()) return *found->second;
  RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) throw ExprFailure("not a regular expression: " + compiled->error());
  if (patterns_.size() >= kMaxPatterns) patterns_.clear();
  return *patterns_.emplace(pattern, std::move(compiled)).first->second;
}

ScenarioRuntime::ScenarioRuntime(EnvironmentLookup environment)
    : environment_(std::move(environment)) {}
ScenarioRuntime::~ScenarioRuntime() = default;

const ExprValue& ScenarioRuntime::environment(const std::string& name) {
  const auto found = environment_values_.find(name);
  if (found != environment_values_.end()) return found->second;
  auto value = environment_(name);
  ExprValue known = value ? ExprValue(*std::move(value)) : ExprValue();
  return environment_values_.emplace(name, std::move(known)).first->second;
}

const ExprValue& ScenarioRuntime::argument(const std::string& name) const {
  static const ExprValue null;
  const auto found = arguments_.find(name);
  return found == arguments_.end() ? null : found->second;
}

const ExprValue& variable_value(int slot, const EvalContext& context) {
  static const ExprValue null;
  const auto index = static_cast<std::size_t>(slot);
  if (index < context.variables.size() && !context.variables[index].is_null()) {
    return context.variables[index];
  }
  const std::vector<ExprValue>& shared = context.runtime.shared_variables;
  return index < shared.size() ? shared[index] : null;
}

ExprValue evaluate(const Expr& expr, const EvalContext& context) {
  return std::visit(Evaluator{context}, expr.node);
}

std::optional<std::string_view> text_operand(const Expr& expr, const EvalContext& context,
                                             std::string& storage) {
  if (const auto* named = std::get_if<ExprNamed>(&expr.node)) {
    if (named->name == ExprName::kBody && context.serial != 0) {
      return context.exchange->response.body;
    }
  } else if (const auto* literal = std::get_if<ExprLiteral>(&expr.node)) {
    if (const std::string* text = literal->value.as_text()) return *text;
  } else if (const auto* variable = std::get_if<ExprVariable>(&expr.node)) {
    if (const std::string* text = variable_value(variable->slot, context).as_text()) return *text;
  }
  const ExprValue value = evaluate(expr, context);
  if (value.is_null()) return std::nullopt;
  value.append_text(storage);
  return storage;
}

}  // namespace locust::worker
