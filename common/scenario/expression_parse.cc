// Recursive descent. Precedence, loosest first: or; and; not;
// comparisons (which do not chain); + -; * / %; unary minus; .name and [n].
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "common/base/nearest_name.h"
#include "common/scenario/expression.h"
#include "common/scenario/expression_lexer.h"

namespace locust {
namespace {

// The type of a value as far as it is known statically: enough to detect `time < 500`.
enum class StaticType { kUnknown, kNumber, kDuration };

StaticType static_type(const Expr& expr);

StaticType type_of(const ExprBinary& binary) {
  const StaticType left = static_type(*binary.left);
  const StaticType right = static_type(*binary.right);
  const bool duration = left == StaticType::kDuration || right == StaticType::kDuration;
  switch (binary.op) {
    case ExprBinaryOp::kAdd:
    case ExprBinaryOp::kSubtract:
    case ExprBinaryOp::kMultiply:
      return duration ? StaticType::kDuration : StaticType::kUnknown;
    case ExprBinaryOp::kDivide:
      if (left == StaticType::kDuration && right == StaticType::kNumber) return left;
      return left == right ? StaticType::kNumber : StaticType::kUnknown;
    default:
      return StaticType::kUnknown;
  }
}

StaticType static_type(const Expr& expr) {
  if (const auto* literal = std::get_if<ExprLiteral>(&expr.node)) {
    if (literal->value.as_duration() != nullptr) return StaticType::kDuration;
    return to_number(literal->value) ? StaticType::kNumber : StaticType::kUnknown;
  }
  if (const auto* named = std::get_if<ExprNamed>(&expr.node)) {
    switch (named->name) {
      case ExprName::kTime:
      case ExprName::kTimeDns:
      case ExprName::kTimeConnect:
      case ExprName::kTimeTls:
      case ExprName::kTimeFirstByte:
        return StaticType::kDuration;
      default:
        return StaticType::kUnknown;
    }
  }
  if (const auto* unary = std::get_if<ExprUnary>(&expr.node)) return static_type(*unary->operand);
  if (const auto* binary = std::get_if<ExprBinary>(&expr.node)) return type_of(*binary);
  return StaticType::kUnknown;
}

struct Arity {
  std::size_t least;
  std::size_t most;
};

Arity arity(ExprFunction function) {
  constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();
  switch (function) {
    case ExprFunction::kUuid:
    case ExprFunction::kTimestampMs:
      return {0, 0};
    case ExprFunction::kNow:
      return {0, 2};
    case ExprFunction::kRegex:
    case ExprFunction::kRegexAll:
      return {1, 2};
    case ExprFunction::kRandomInt:
    case ExprFunction::kRandomFloat:
    case ExprFunction::kHmacSha256:
    case ExprFunction::kBetween:
    case ExprFunction::kLognormal:
      return {2, 2};
    case ExprFunction::kMin:
    case ExprFunction::kMax:
      return {1, kAny};
    default:
      return {1, 1};
  }
}

ExprPtr make(std::size_t offset, Expr::Node node) {
  auto expr = std::make_unique<Expr>();
  expr->offset = offset;
  expr->node = std::move(node);
  int below = 0;
  const auto count = [&below](const ExprPtr& child) { below = std::max(below, child->depth); };
  if (const auto* list = std::get_if<ExprListLiteral>(&expr->node)) {
    for (const ExprPtr& item : list->items) count(item);
  } else if (const auto* member = std::get_if<ExprMember>(&expr->node)) {
    count(member->object);
  } else if (const auto* index = std::get_if<ExprIndex>(&expr->node)) {
    count(index->object);
    count(index->index);
  } else if (const auto* call = std::get_if<ExprCall>(&expr->node)) {
    for (const ExprPtr& argument : call->arguments) count(argument);
  } else if (const auto* unary = std::get_if<ExprUnary>(&expr->node)) {
    count(unary->operand);
  } else if (const auto* binary = std::get_if<ExprBinary>(&expr->node)) {
    count(binary->left);
    count(binary->right);
  }
  expr->depth = below + 1;
  if (expr->depth > kMaxExprDepth) syntax_error(offset, "this expression is nested too deeply");
  return expr;
}

class ExprParser {
 public:
  ExprParser(std::string_view text, std::size_t begin, VariableNames& variables)
      : lexer_(text, begin), variables_(variables) {}

  // Everything up to the end of the text.
  ExprPtr parse_all() {
    ExprPtr expr = parse_or();
    if (lexer_.current().kind != ExprTokenKind::kEnd) unexpected("an operator");
    return expr;
  }

  // Everything up to a '}', whose offset goes into `end`.
  ExprPtr parse_braced(std::size_t& end) {
    ExprPtr expr = parse_or();
    if (lexer_.current().kind == ExprTokenKind::kEnd)
      syntax_error(lexer_.current().offset, "'${' is never closed by '}'");
    if (!lexer_.is("}")) unexpected("an operator or '}'");
    end = lexer_.current().offset;
    return expr;
  }

 private:
  // Counts the levels of brackets and prefixes being parsed.
  class Level {
   public:
    Level(ExprParser& parser) : parser_(parser) {
      if (++parser_.levels_ > kMaxExprDepth) {
        syntax_error(parser_.lexer_.current().offset, "this expression is nested too deeply");
      }
    }
    ~Level() { --parser_.levels_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    ExprParser& parser_;
  };

  [[noreturn]] void unexpected(const std::string& wanted) {
    const ExprToken& token = lexer_.current();
    if (token.kind == ExprTokenKind::kEnd)
      syntax_error(token.offset, "expected " + wanted + " at the end");
    syntax_error(token.offset, "expected " + wanted + ", not " + in_quotes(token.text));
  }

  ExprPtr parse_or() {
    ExprPtr left = parse_and();
    while (lexer_.is("or"))
      left = binary(ExprBinaryOp::kOr, std::move(left), &ExprParser::parse_and);
    return left;
  }

  ExprPtr parse_and() {
    ExprPtr left = parse_not();
    while (lexer_.is("and"))
      left = binary(ExprBinaryOp::kAnd, std::move(left), &ExprParser::parse_not);
    return left;
  }

  ExprPtr parse_not() {
    if (!lexer_.is("not")) return parse_comparison();
    const Level level(*this);
    const std::size_t offset = lexer_.current().offset;
    lexer_.next();
    return make(offset, ExprUnary{ExprUnaryOp::kNot, parse_not()});
  }

  std::optional<ExprBinaryOp> comparison_operator() const {
    static constexpr std::array<std::pair<std::string_view, ExprBinaryOp>, 9> kOperators = {{
        {"==", ExprBinaryOp::kEqual},
        {"!=", ExprBinaryOp::kNotEqual},
        {"<", ExprBinaryOp::kLess},
        {"<=", ExprBinaryOp::kLessEqual},
        {">", ExprBinaryOp::kGreater},
        {">=", ExprBinaryOp::kGreaterEqual},
        {"in", ExprBinaryOp::kIn},
        {"contains", ExprBinaryOp::kContains},
        {"matches", ExprBinaryOp::kMatches},
    }};
    for (const auto& [symbol, op] : kOperators) {
      if (lexer_.is(symbol)) return op;
    }
    return std::nullopt;
  }

  ExprPtr parse_comparison() {
    ExprPtr left = parse_sum();
    const auto op = comparison_operator();
    if (!op) return left;
    const std::size_t offset = lexer_.current().offset;
    ExprPtr expr = binary(*op, std::move(left), &ExprParser::parse_sum);
    check_units(std::get<ExprBinary>(expr->node), offset);
    if (comparison_operator()) {
      syntax_error(lexer_.current().offset, "comparisons do not chain; join them by 'and'");
    }
    return expr;
  }

  // Response times are milliseconds in Locust and waits are seconds: half of the authors would
  // misread a bare number next to a duration.
  static void check_units(const ExprBinary& comparison, std::size_t offset) {
    if (comparison.op > ExprBinaryOp::kGreaterEqual) return;
    const StaticType left = static_type(*comparison.left);
    const StaticType right = static_type(*comparison.right);
    if ((left == StaticType::kDuration && right == StaticType::kNumber) ||
        (left == StaticType::kNumber && right == StaticType::kDuration)) {
      syntax_error(offset,
                   "a time compares only with a time: write the unit, as in 'time < 500ms'");
    }
  }

  ExprPtr parse_sum() {
    ExprPtr left = parse_product();
    while (true) {
      if (lexer_.is("+")) {
        left = binary(ExprBinaryOp::kAdd, std::move(left), &ExprParser::parse_product);
      } else if (lexer_.is("-")) {
        left = binary(ExprBinaryOp::kSubtract, std::move(left), &ExprParser::parse_product);
      } else {
        return left;
      }
    }
  }

  ExprPtr parse_product() {
    ExprPtr left = parse_negation();
    while (true) {
      if (lexer_.is("*")) {
        left = binary(ExprBinaryOp::kMultiply, std::move(left), &ExprParser::parse_negation);
      } else if (lexer_.is("/")) {
        left = binary(ExprBinaryOp::kDivide, std::move(left), &ExprParser::parse_negation);
      } else if (lexer_.is("%")) {
        left = binary(ExprBinaryOp::kModulo, std::move(left), &ExprParser::parse_negation);
      } else {
        return left;
      }
    }
  }

  ExprPtr parse_negation() {
    if (!lexer_.is("-")) return parse_postfix();
    const Level level(*this);
    const std::size_t offset = lexer_.current().offset;
    lexer_.next();
    return make(offset, ExprUnary{ExprUnaryOp::kNegate, parse_negation()});
  }

  // The current token is the operator; `operand` parses its right side.
  ExprPtr binary(ExprBinaryOp op, ExprPtr left, ExprPtr (ExprParser::*operand)()) {
    const std::size_t offset = lexer_.current().offset;
    lexer_.next();
    ExprPtr right = (this->*operand)();
    return make(offset, ExprBinary{op, std::move(left), std::move(right)});
  }

  ExprPtr parse_postfix() {
    ExprPtr expr = parse_primary();
    while (true) {
      const std::size_t offset = lexer_.current().offset;
      if (lexer_.is(".")) {
        lexer_.next();
        if (lexer_.current().kind != ExprTokenKind::kName) unexpected("a name after '.'");
        expr = make(offset, ExprMember{std::move(expr), std::string(lexer_.current().text)});
        lexer_.next();
      } else if (lexer_.is("[")) {
        lexer_.next();
        ExprPtr index = bracketed();
        expect("]");
        expr = make(offset, ExprIndex{std::move(expr), std::move(index)});
      } else {
        return expr;
      }
    }
  }

  ExprPtr bracketed() {
    const Level level(*this);
    return parse_or();
  }

  void expect(std::string_view symbol) {
    if (!lexer_.is(symbol)) unexpected(in_quotes(symbol));
    lexer_.next();
  }

  ExprPtr parse_primary() {
    const ExprToken token = lexer_.current();
    switch (token.kind) {
      case ExprTokenKind::kText:
        lexer_.next();
        return make(token.offset, ExprLiteral{ExprValue(token.text)});
      case ExprTokenKind::kNumber:
        lexer_.next();
        return make(token.offset, ExprLiteral{ExprValue(*to_number(ExprValue(token.text)))});
      case ExprTokenKind::kDuration:
        lexer_.next();
        return make(token.offset, ExprLiteral{ExprValue(*parse_duration(token.text))});
      case ExprTokenKind::kName:
        return parse_name(token);
      case ExprTokenKind::kSymbol:
        if (lexer_.is("(")) {
          lexer_.next();
          ExprPtr inner = bracketed();
          expect(")");
          return inner;
        }
        if (lexer_.is("[")) {
          lexer_.next();
          return make(token.offset, ExprListLiteral{parse_items("]")});
        }
        break;
      case ExprTokenKind::kEnd:
        break;
    }
    unexpected("a value");
  }

  // Comma-separated expressions up to `close`, which is consumed.
  std::vector<ExprPtr> parse_items(std::string_view close) {
    std::vector<ExprPtr> items;
    while (!lexer_.is(close)) {
      items.push_back(bracketed());
      if (!lexer_.is(",")) {
        if (!lexer_.is(close)) unexpected("',' or " + in_quotes(close));
        break;
      }
      lexer_.next();
    }
    expect(close);
    return items;
  }

  ExprPtr parse_name(const ExprToken& token) {
    static constexpr std::array<std::string_view, 5> kOperators = {"and", "or", "in", "contains",
                                                                   "matches"};
    if (std::find(kOperators.begin(), kOperators.end(), token.text) != kOperators.end()) {
      unexpected("a value");
    }
    lexer_.next();
    if (lexer_.is("(")) return parse_call(token);
    if (token.text == "true") return make(token.offset, ExprLiteral{ExprValue(true)});
    if (token.text == "false") return make(token.offset, ExprLiteral{ExprValue(false)});
    if (token.text == "null") return make(token.offset, ExprLiteral{ExprValue()});
    if (token.text == "env") return parse_environment(token);
    if (token.text == "arg") return parse_argument(token);
    if (const auto name = find_expr_name(token.text)) return make(token.offset, ExprNamed{*name});
    return make(token.offset, ExprVariable{std::string(token.text), variables_.slot(token.text)});
  }

  ExprPtr parse_environment(const ExprToken& token) {
    if (!lexer_.is("."))
      syntax_error(token.offset, "write env.NAME for the environment variable NAME");
    lexer_.next();
    if (lexer_.current().kind != ExprTokenKind::kName) unexpected("a name after 'env.'");
    std::string name(lexer_.current().text);
    lexer_.next();
    return make(token.offset, ExprEnvironment{std::move(name)});
  }

  ExprPtr parse_argument(const ExprToken& token) {
    if (!lexer_.is(".")) syntax_error(token.offset, "write arg.NAME for the argument NAME");
    lexer_.next();
    if (lexer_.current().kind != ExprTokenKind::kName) unexpected("a name after 'arg.'");
    std::string name(lexer_.current().text);
    lexer_.next();
    return make(token.offset, ExprArgument{std::move(name)});
  }

  ExprPtr parse_call(const ExprToken& token) {
    const std::string name(token.text);
    const auto function = find_function(token.text);
    if (!function) {
      syntax_error(token.offset,
                   "unknown function " + in_quotes(name) + did_you_mean(name, function_names()));
    }
    lexer_.next();
    ExprCall call{*function, parse_items(")")};
    check_arguments(call, token.offset);
    const bool names_file =
        call.function == ExprFunction::kFile || call.function == ExprFunction::kTemplate;
    if (names_file && literal_text(*call.arguments.front()) == nullptr) {
      syntax_error(token.offset, name + "() takes a path in quotes: files are read before the run");
    }
    return make(token.offset, std::move(call));
  }

  static void check_arguments(const ExprCall& call, std::size_t offset) {
    const auto [least, most] = arity(call.function);
    const std::size_t count = call.arguments.size();
    if (count >= least && count <= most) return;
    std::string wanted = std::to_string(least);
    if (most > least) wanted += most > 2 ? " or more" : " to " + std::to_string(most);
    syntax_error(offset, std::string(function_name(call.function)) + "() takes " + wanted +
                             (wanted == "1" ? " argument" : " arguments") + ", not " +
                             std::to_string(count));
  }

  ExprLexer lexer_;
  VariableNames& variables_;
  int levels_ = 0;
};

}  // namespace

ParsedExpr parse_expression(std::string_view text, VariableNames& variables) {
  try {
    return {ExprParser(text, 0, variables).parse_all(), {}};
  } catch (ExprSyntaxError& e) {
    return {nullptr, std::move(e.error)};
  }
}

ParsedExpr parse_embedded_expression(std::string_view text, std::size_t begin, std::size_t& end,
                                     VariableNames& variables) {
  try {
    return {ExprParser(text, begin, variables).parse_braced(end), {}};
  } catch (ExprSyntaxError& e) {
    return {nullptr, std::move(e.error)};
  }
}

}  // namespace locust
