// The expression language of scenario files (docs/scenario.md "Texts and expressions"): syntax tree
// and parser. Expressions are evaluated in worker/scenario; this file knows neither responses nor
// the environment.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/scenario/expression_value.h"

namespace locust {

struct Expr;
using ExprPtr = std::unique_ptr<const Expr>;

// Numbers the variables of a scenario in order of first appearance, so that a user can keep its
// values in an array.
class VariableNames {
 public:
  int slot(std::string_view name);
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, int, std::less<>> slots_;
};

// Built-in names, which are not variables.
enum class ExprName {
  kStatus,
  kTime,
  kTimeDns,
  kTimeConnect,
  kTimeTls,
  kTimeFirstByte,
  kSize,
  kUrl,
  kBody,
  kError,
  kFailed,
  kUserId,
  kWorkerIndex,
  kIteration,
};

enum class ExprFunction {
  kHeader,
  kCookie,
  kJson,
  kRegex,
  kRegexAll,
  kRandomInt,
  kRandomFloat,
  kRandomChoice,
  kRandomString,
  kUuid,
  kNow,
  kTimestampMs,
  kLen,
  kMin,
  kMax,
  kFloor,
  kNumber,
  kBase64,
  kUrlencode,
  kUnescape,
  kSha256,
  kHmacSha256,
  kFile,
  kTemplate,
  kConstant,
  kBetween,
  kConstantPacing,
  kConstantThroughput,
  kPoisson,
  kLognormal,
};

enum class ExprUnaryOp { kNot, kNegate };
enum class ExprBinaryOp {
  kOr,
  kAnd,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kContains,
  kMatches,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
};

struct ExprLiteral {
  ExprValue value;
};
struct ExprListLiteral {
  std::vector<ExprPtr> items;
};
// A variable of the user.
struct ExprVariable {
  std::string name;
  int slot;  // index into VariableNames
};
struct ExprNamed {
  ExprName name;
};
struct ExprEnvironment {  // env.NAME
  std::string name;
};
struct ExprArgument {  // arg.NAME
  std::string name;
};
struct ExprMember {
  ExprPtr object;
  std::string name;
};
struct ExprIndex {
  ExprPtr object;
  ExprPtr index;
};
struct ExprCall {
  ExprFunction function;
  std::vector<ExprPtr> arguments;
};
struct ExprUnary {
  ExprUnaryOp op;
  ExprPtr operand;
};
struct ExprBinary {
  ExprBinaryOp op;
  ExprPtr left;
  ExprPtr right;
};

struct Expr {
  using Node = std::variant<ExprLiteral, ExprListLiteral, ExprVariable, ExprNamed, ExprEnvironment,
                            ExprArgument, ExprMember, ExprIndex, ExprCall, ExprUnary, ExprBinary>;
  std::size_t offset = 0;  // in the parsed text, bytes
  int depth = 1;           // levels of the tree from here down
  Node node;
};

// The position of an error in the parsed text, and the reason.
struct ExprError {
  std::size_t offset = 0;
  std::string message;
};

// Either `expr` is set, or `error` is.
struct ParsedExpr {
  ExprPtr expr;
  ExprError error;
};

// The maximum depth of a tree, so that walking one needs little of a user's small stack.
inline constexpr int kMaxExprDepth = 64;

// Parses the whole text.
ParsedExpr parse_expression(std::string_view text, VariableNames& variables);
// Parses an expression that starts at `begin` in `text` and ends at an unquoted '}', whose offset
// is stored in `end`: the inside of a ${…}.
ParsedExpr parse_embedded_expression(std::string_view text, std::size_t begin, std::size_t& end,
                                     VariableNames& variables);

// Calls `visit(const Expr&)` for every node, parents first.
template <typename Visit>
void walk_expression(const Expr& expr, Visit&& visit);

// The spelling of a function or name in scenario files, and back.
std::string_view function_name(ExprFunction function);
std::optional<ExprFunction> find_function(std::string_view name);
std::string_view expr_name(ExprName name);
std::optional<ExprName> find_expr_name(std::string_view name);
// Whether a name is reserved and cannot be a variable.
bool is_reserved_name(std::string_view name);
// For "did you mean": all functions, and all functions and built-in names.
const std::vector<std::string_view>& function_names();
const std::vector<std::string_view>& builtin_names();

// The text, if the expression is a quoted text.
const std::string* literal_text(const Expr& expr);
// `x.name` and `x['name']`, where x is a variable.
struct VariableMember {
  const Expr* variable;
  int slot;
  std::string name;
};
std::optional<VariableMember> variable_member(const Expr& expr);

// The reads of an expression besides variables. They decide which bodies are kept, and whether a
// status of 400 or more is a failure by itself.
struct ExprReads {
  bool status = false;
  bool body = false;     // body, json, regex of the response
  bool headers = false;  // header, cookie
  bool pacing = false;   // constant_pacing, constant_throughput
};
ExprReads expression_reads(const Expr& expr);
// Whether the value is constant for the whole run of a worker: only literals, env and functions of
// them (no random numbers, no clock).
bool is_run_constant(const Expr& expr);

template <typename Visit>
void walk_expression(const Expr& expr, Visit&& visit) {
  visit(expr);
  if (const auto* list = std::get_if<ExprListLiteral>(&expr.node)) {
    for (const ExprPtr& item : list->items) walk_expression(*item, visit);
  } else if (const auto* member = std::get_if<ExprMember>(&expr.node)) {
    walk_expression(*member->object, visit);
  } else if (const auto* index = std::get_if<ExprIndex>(&expr.node)) {
    walk_expression(*index->object, visit);
    walk_expression(*index->index, visit);
  } else if (const auto* call = std::get_if<ExprCall>(&expr.node)) {
    for (const ExprPtr& argument : call->arguments) walk_expression(*argument, visit);
  } else if (const auto* unary = std::get_if<ExprUnary>(&expr.node)) {
    walk_expression(*unary->operand, visit);
  } else if (const auto* binary = std::get_if<ExprBinary>(&expr.node)) {
    walk_expression(*binary->left, visit);
    walk_expression(*binary->right, visit);
  }
}

}  // namespace locust
