#include "common/scenario/expression.h"

#include <algorithm>
#include <array>

namespace locust {
namespace {

struct FunctionName {
  std::string_view name;
  ExprFunction function;
};

constexpr std::array kFunctions = {
    FunctionName{"header", ExprFunction::kHeader},
    FunctionName{"cookie", ExprFunction::kCookie},
    FunctionName{"json", ExprFunction::kJson},
    FunctionName{"regex", ExprFunction::kRegex},
    FunctionName{"regex_all", ExprFunction::kRegexAll},
    FunctionName{"random_int", ExprFunction::kRandomInt},
    FunctionName{"random_float", ExprFunction::kRandomFloat},
    FunctionName{"random_choice", ExprFunction::kRandomChoice},
    FunctionName{"random_string", ExprFunction::kRandomString},
    FunctionName{"uuid", ExprFunction::kUuid},
    FunctionName{"now", ExprFunction::kNow},
    FunctionName{"timestamp_ms", ExprFunction::kTimestampMs},
    FunctionName{"len", ExprFunction::kLen},
    FunctionName{"min", ExprFunction::kMin},
    FunctionName{"max", ExprFunction::kMax},
    FunctionName{"floor", ExprFunction::kFloor},
    FunctionName{"number", ExprFunction::kNumber},
    FunctionName{"base64", ExprFunction::kBase64},
    FunctionName{"urlencode", ExprFunction::kUrlencode},
    FunctionName{"unescape", ExprFunction::kUnescape},
    FunctionName{"sha256", ExprFunction::kSha256},
    FunctionName{"hmac_sha256", ExprFunction::kHmacSha256},
    FunctionName{"file", ExprFunction::kFile},
    FunctionName{"template", ExprFunction::kTemplate},
    FunctionName{"constant", ExprFunction::kConstant},
    FunctionName{"between", ExprFunction::kBetween},
    FunctionName{"constant_pacing", ExprFunction::kConstantPacing},
    FunctionName{"constant_throughput", ExprFunction::kConstantThroughput},
    FunctionName{"poisson", ExprFunction::kPoisson},
    FunctionName{"lognormal", ExprFunction::kLognormal},
};

struct ValueName {
  std::string_view name;
  ExprName value;
};

constexpr std::array kNames = {
    ValueName{"status", ExprName::kStatus},
    ValueName{"time", ExprName::kTime},
    ValueName{"time_dns", ExprName::kTimeDns},
    ValueName{"time_connect", ExprName::kTimeConnect},
    ValueName{"time_tls", ExprName::kTimeTls},
    ValueName{"time_first_byte", ExprName::kTimeFirstByte},
    ValueName{"size", ExprName::kSize},
    ValueName{"url", ExprName::kUrl},
    ValueName{"body", ExprName::kBody},
    ValueName{"error", ExprName::kError},
    ValueName{"failed", ExprName::kFailed},
    ValueName{"user_id", ExprName::kUserId},
    ValueName{"worker_index", ExprName::kWorkerIndex},
    ValueName{"iteration", ExprName::kIteration},
};

constexpr std::array<std::string_view, 11> kWords = {
    "and", "or", "not", "in", "contains", "matches", "true", "false", "null", "env", "arg"};

bool needs_response_or_chance(const ExprCall& call) {
  switch (call.function) {
    case ExprFunction::kLen:
    case ExprFunction::kMin:
    case ExprFunction::kMax:
    case ExprFunction::kFloor:
    case ExprFunction::kNumber:
    case ExprFunction::kBase64:
    case ExprFunction::kUrlencode:
    case ExprFunction::kUnescape:
    case ExprFunction::kSha256:
    case ExprFunction::kHmacSha256:
    case ExprFunction::kFile:
    case ExprFunction::kConstant:
      return false;
    case ExprFunction::kRegex:
    case ExprFunction::kRegexAll:
      return call.arguments.size() < 2;
    default:
      return true;
  }
}

}  // namespace

int VariableNames::slot(std::string_view name) {
  const auto found = slots_.find(name);
  if (found != slots_.end()) return found->second;
  const int slot = static_cast<int>(names_.size());
  names_.emplace_back(name);
  slots_.emplace(name, slot);
  return slot;
}

std::string_view function_name(ExprFunction function) {
  return kFunctions[static_cast<std::size_t>(function)].name;
}

std::optional<ExprFunction> find_function(std::string_view name) {
  for (const FunctionName& row : kFunctions) {
    if (row.name == name) return row.function;
  }
  return std::nullopt;
}

std::string_view expr_name(ExprName name) { return kNames[static_cast<std::size_t>(name)].name; }

std::optional<ExprName> find_expr_name(std::string_view name) {
  for (const ValueName& row : kNames) {
    if (row.name == name) return row.value;
  }
  return std::nullopt;
}

bool is_reserved_name(std::string_view name) {
  return find_expr_name(name).has_value() ||
         std::find(kWords.begin(), kWords.end(), name) != kWords.end();
}

const std::vector<std::string_view>& function_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> result;
    for (const FunctionName& row : kFunctions) result.push_back(row.name);
    return result;
  }();
  return names;
}

const std::vector<std::string_view>& builtin_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> result = function_names();
    for (const ValueName& row : kNames) result.push_back(row.name);
    return result;
  }();
  return names;
}

const std::string* literal_text(const Expr& expr) {
  const auto* literal = std::get_if<ExprLiteral>(&expr.node);
  return literal == nullptr ? nullptr : literal->value.as_text();
}

std::optional<VariableMember> variable_member(const Expr& expr) {
  const Expr* object = nullptr;
  const std::string* name = nullptr;
  if (const auto* member = std::get_if<ExprMember>(&expr.node)) {
    object = member->object.get();
    name = &member->name;
  } else if (const auto* index = std::get_if<ExprIndex>(&expr.node)) {
    object = index->object.get();
    name = literal_text(*index->index);
  }
  const auto* variable = object == nullptr ? nullptr : std::get_if<ExprVariable>(&object->node);
  if (variable == nullptr || name == nullptr) return std::nullopt;
  return VariableMember{object, variable->slot, *name};
}

ExprReads expression_reads(const Expr& expr) {
  ExprReads reads;
  walk_expression(expr, [&reads](const Expr& e) {
    if (const auto* named = std::get_if<ExprNamed>(&e.node)) {
      reads.status |= named->name == ExprName::kStatus;
      reads.body |= named->name == ExprName::kBody;
    } else if (const auto* call = std::get_if<ExprCall>(&e.node)) {
      switch (call->function) {
        case ExprFunction::kJson:
          reads.body = true;
          break;
        case ExprFunction::kRegex:
        case ExprFunction::kRegexAll:
          reads.body |= call->arguments.size() < 2;
          break;
        case ExprFunction::kHeader:
        case ExprFunction::kCookie:
          reads.headers = true;
          break;
        case ExprFunction::kTemplate:
          // Only the worker knows its content.
          reads.body = true;
          reads.headers = true;
          break;
        case ExprFunction::kConstantPacing:
        case ExprFunction::kConstantThroughput:
          reads.pacing = true;
          break;
        default:
          break;
      }
    }
  });
  return reads;
}

bool is_run_constant(const Expr& expr) {
  bool constant = true;
  walk_expression(expr, [&constant](const Expr& e) {
    if (std::holds_alternative<ExprVariable>(e.node)) constant = false;
    if (std::holds_alternative<ExprNamed>(e.node)) constant = false;
    if (std::holds_alternative<ExprArgument>(e.node)) constant = false;
    if (const auto* call = std::get_if<ExprCall>(&e.node)) {
      if (needs_response_or_chance(*call)) constant = false;
    }
  });
  return constant;
}

}  // namespace locust
