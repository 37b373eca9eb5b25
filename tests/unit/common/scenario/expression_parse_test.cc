#include <gtest/gtest.h>

#include <string>

#include "common/scenario/expression.h"

namespace locust {
namespace {

// The tree in brackets, so that a test shows precedence at a glance.
std::string shape(const Expr& expr);

std::string shape_of(const std::vector<ExprPtr>& items) {
  std::string out;
  for (const ExprPtr& item : items) out += (out.empty() ? "" : ", ") + shape(*item);
  return out;
}

std::string_view symbol(ExprBinaryOp op) {
  constexpr std::array<std::string_view, 16> kSymbols = {
      "or", "and",      "==",      "!=", "<", "<=", ">", ">=",
      "in", "contains", "matches", "+",  "-", "*",  "/", "%"};
  return kSymbols[static_cast<std::size_t>(op)];
}

// Concatenates; GCC 12 warns of nothing when operator+ begins with a literal (its bug 105651).
std::string cat(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

struct Shaper {
  std::string operator()(const ExprLiteral& e) const { return e.value.to_json(); }
  std::string operator()(const ExprListLiteral& e) const {
    return cat({"[", shape_of(e.items), "]"});
  }
  std::string operator()(const ExprVariable& e) const { return e.name; }
  std::string operator()(const ExprNamed& e) const { return cat({"<", expr_name(e.name), ">"}); }
  std::string operator()(const ExprEnvironment& e) const { return cat({"$", e.name}); }
  std::string operator()(const ExprArgument& e) const { return cat({"--", e.name}); }
  std::string operator()(const ExprMember& e) const { return cat({shape(*e.object), ".", e.name}); }
  std::string operator()(const ExprIndex& e) const {
    return cat({shape(*e.object), "[", shape(*e.index), "]"});
  }
  std::string operator()(const ExprCall& e) const {
    return cat({function_name(e.function), "(", shape_of(e.arguments), ")"});
  }
  std::string operator()(const ExprUnary& e) const {
    return cat({e.op == ExprUnaryOp::kNot ? "(not " : "(-", shape(*e.operand), ")"});
  }
  std::string operator()(const ExprBinary& e) const {
    return cat({"(", shape(*e.left), " ", symbol(e.op), " ", shape(*e.right), ")"});
  }
};

std::string shape(const Expr& expr) { return std::visit(Shaper{}, expr.node); }

std::string parse(std::string_view text) {
  VariableNames variables;
  const ParsedExpr parsed = parse_expression(text, variables);
  if (!parsed.expr) return std::to_string(parsed.error.offset) + ": " + parsed.error.message;
  return shape(*parsed.expr);
}

TEST(ExpressionParse, KnowsEveryKindOfLiteral) {
  EXPECT_EQ(parse("'a b'"), R"("a b")");
  EXPECT_EQ(parse("\"it's\""), R"("it's")");
  EXPECT_EQ(parse("12"), "12");
  EXPECT_EQ(parse("1.50"), "1.5");
  EXPECT_EQ(parse("1e3"), "1000.0");
  EXPECT_EQ(parse("800ms"), "0.8");
  EXPECT_EQ(parse("1h30m"), "5400");
  EXPECT_EQ(parse("1.5s"), "1.5");
  EXPECT_EQ(parse("2d"), "172800");
  EXPECT_EQ(parse("true"), "true");
  EXPECT_EQ(parse("null"), "null");
  EXPECT_EQ(parse("[200, 404, ]"), "[200, 404]");
  EXPECT_EQ(parse("[]"), "[]");
}

TEST(ExpressionParse, KeepsBackslashesInTextsAsRegularExpressionsNeedThem) {
  EXPECT_EQ(parse(R"('\d+\.')"), R"("\\d+\\.")");
}

TEST(ExpressionParse, BindsOperatorsInTheirOrder) {
  EXPECT_EQ(parse("a or b and not c == 1 + 2 * -x"),
            "(a or (b and (not (c == (1 + (2 * (-x)))))))");
  EXPECT_EQ(parse("1 - 2 - 3"), "((1 - 2) - 3)");
  EXPECT_EQ(parse("8 / 4 % 3"), "((8 / 4) % 3)");
  EXPECT_EQ(parse("(1 + 2) * 3"), "((1 + 2) * 3)");
  EXPECT_EQ(parse("status == 404 or json('/status') == 'open'"),
            R"(((<status> == 404) or (json("/status") == "open")))");
  EXPECT_EQ(parse("body contains 'x' and url matches '^http'"),
            R"(((<body> contains "x") and (<url> matches "^http")))");
  EXPECT_EQ(parse("not a in [1]"), "(not (a in [1]))");
}

TEST(ExpressionParse, ReadsVariablesMembersAndCalls) {
  EXPECT_EQ(parse("order.items[0].id"), "order.items[0].id");
  EXPECT_EQ(parse("arg.tenant + 1"), "(--tenant + 1)");
  EXPECT_EQ(parse("env.API_KEY or 'dev'"), R"(($API_KEY or "dev"))");
  EXPECT_EQ(parse("min(lognormal(3, 0.8), 60)"), "min(lognormal(3, 0.8), 60)");
  EXPECT_EQ(parse("uuid()"), "uuid()");
  EXPECT_EQ(parse("now('%Y', 7 * 24h)"), R"(now("%Y", (7 * 86400)))");
}

TEST(ExpressionParse, GivesEachVariableOneSlot) {
  VariableNames variables;
  ASSERT_TRUE(parse_expression("a + b + a", variables).expr);
  EXPECT_EQ(variables.names(), (std::vector<std::string>{"a", "b"}));
}

TEST(ExpressionParse, SaysWhereAndWhyATextIsNoExpression) {
  EXPECT_EQ(parse(""), "0: expected a value at the end");
  EXPECT_EQ(parse("1 +"), "3: expected a value at the end");
  EXPECT_EQ(parse("a b"), "2: expected an operator, not 'b'");
  EXPECT_EQ(parse("a = 1"), "2: unexpected '='; equality is ==");
  EXPECT_EQ(parse("a && b"), "2: unexpected '&'; write 'and'");
  EXPECT_EQ(parse("!a"), "0: unexpected '!'; negation is 'not'");
  EXPECT_EQ(parse("${a}"), "0: unexpected '$'; write names without ${ } here");
  EXPECT_EQ(parse("'abc"), "0: this text has no closing quote");
  EXPECT_EQ(parse("(1"), "2: expected ')' at the end");
  EXPECT_EQ(parse("[1 2]"), "3: expected ',' or ']', not '2'");
  EXPECT_EQ(parse("jsn('/a')"), "0: unknown function 'jsn'; did you mean 'json'?");
  EXPECT_EQ(parse("status == 1 == 2"), "12: comparisons do not chain; join them by 'and'");
  EXPECT_EQ(parse("random_int(1)"), "0: random_int() takes 2 arguments, not 1");
  EXPECT_EQ(parse("regex()"), "0: regex() takes 1 to 2 arguments, not 0");
  EXPECT_EQ(parse("min()"), "0: min() takes 1 or more arguments, not 0");
  EXPECT_EQ(parse("5q"), "0: '5q' is neither a number nor a duration such as 800ms or 1h30m");
  EXPECT_EQ(parse("arg"), "0: write arg.NAME for the argument NAME");
  EXPECT_EQ(parse("file(x)"), "0: file() takes a path in quotes: files are read before the run");
  EXPECT_EQ(parse("template(5)"),
            "0: template() takes a path in quotes: files are read before the run");
}

TEST(ExpressionParse, RefusesToCompareATimeWithABareNumber) {
  const std::string message =
      "a time compares only with a time: write the unit, as in 'time < 500ms'";
  EXPECT_EQ(parse("time < 500"), "5: " + message);
  EXPECT_EQ(parse("500 >= time"), "4: " + message);
  EXPECT_EQ(parse("time * 2 > '500'"), "9: " + message);
  EXPECT_EQ(parse("time < 500ms"), "(<time> < 0.5)");
  EXPECT_EQ(parse("time < limit"), "(<time> < limit)");
  EXPECT_EQ(parse("time / 1s < 3"), "((<time> / 1) < 3)");
}

TEST(ExpressionParse, BoundsTheDepthOfTrees) {
  const std::string deep = "0: this expression is nested too deeply";
  EXPECT_NE(parse(std::string(100'000, '(')).find("nested too deeply"), std::string::npos);
  EXPECT_NE(parse(std::string(100'000, '-') + "1").find("nested too deeply"), std::string::npos);
  std::string sum = "1", members = "a";
  for (int i = 0; i < 100'000; ++i) {
    sum += "+1";
    members += ".a";
  }
  EXPECT_NE(parse(sum).find("nested too deeply"), std::string::npos);
  EXPECT_NE(parse(members).find("nested too deeply"), std::string::npos);
  EXPECT_EQ(parse(std::string(50, '(') + "1" + std::string(50, ')')), "1");
}

TEST(ExpressionParse, EndsAnEmbeddedExpressionAtTheBraceOutsideQuotes) {
  VariableNames variables;
  const std::string_view text = "x ${a or '}'} y";
  std::size_t end = 0;
  const ParsedExpr parsed = parse_embedded_expression(text, 4, end, variables);
  ASSERT_TRUE(parsed.expr);
  EXPECT_EQ(shape(*parsed.expr), R"((a or "}"))");
  EXPECT_EQ(end, 12U);
  EXPECT_EQ(parse_embedded_expression("${a", 2, end, variables).error.message,
            "'${' is never closed by '}'");
}

TEST(ExpressionReads, TellsWhatOfTheResponseIsNeeded) {
  const auto reads = [](std::string_view text) {
    VariableNames variables;
    return expression_reads(*parse_expression(text, variables).expr);
  };
  EXPECT_TRUE(reads("1 + len([status])").status);
  EXPECT_FALSE(reads("time < 1s").body);
  EXPECT_TRUE(reads("not (json('/a') or 1)").body);
  EXPECT_TRUE(reads("regex('a')").body);
  EXPECT_FALSE(reads("regex('a', url)").body);
  EXPECT_TRUE(reads("header('X')").headers);
  EXPECT_TRUE(reads("min(constant_pacing(1), 2)").pacing);
}

TEST(IsRunConstant, HoldsWithoutVariablesResponsesChanceAndClock) {
  const auto constant = [](std::string_view text) {
    VariableNames variables;
    return is_run_constant(*parse_expression(text, variables).expr);
  };
  EXPECT_TRUE(constant("env.A or 'x'"));
  EXPECT_FALSE(constant("arg.a or 'x'"));
  EXPECT_TRUE(constant("base64('a')"));
  EXPECT_FALSE(constant("x"));
  EXPECT_FALSE(constant("[uuid()]"));
  EXPECT_FALSE(constant("status + 1"));
  EXPECT_FALSE(constant("timestamp_ms()"));
}

}  // namespace
}  // namespace locust
