#include "common/scenario/formula.h"

#include <muParser.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "common/base/nearest_name.h"

namespace locust {
namespace {

constexpr std::array<std::string_view, 4> kInputs = {"t", "users", "spawn_rate", "run_time"};
constexpr std::string_view kCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.+-*/^(),<>=!&|?: \t\r\n";

// The position of an '=' that would assign; npos if there is none.
std::size_t find_assignment(std::string_view text) {
  for (std::size_t at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    const bool doubled = at + 1 < text.size() && text[at + 1] == '=';
    const bool compares =
        at > 0 && std::string_view("<>!").find(text[at - 1]) != std::string_view::npos;
    if (!doubled && !compares) return at;
    if (doubled) ++at;
  }
  return std::string_view::npos;
}

double floor_of(double x) { return std::floor(x); }
double ceil_of(double x) { return std::ceil(x); }
double modulo(double a, double b) { return a - b * std::floor(a / b); }

}  // namespace

// muParser reads variables through their addresses, so it stays where they are.
struct Formula::Parser {
  Parser() {
    parser.DefineVar("t", &input.t);
    parser.DefineVar("users", &input.users);
    parser.DefineVar("spawn_rate", &input.spawn_rate);
    parser.DefineVar("run_time", &input.run_time);
    parser.DefineConst("pi", std::numbers::pi);
    parser.DefineFun("floor", floor_of);
    parser.DefineFun("ceil", ceil_of);
    parser.DefineFun("mod", modulo);
  }

  std::vector<std::string_view> names() const {
    std::vector<std::string_view> known(kInputs.begin(), kInputs.end());
    known.emplace_back("pi");
    for (const auto& [name, function] : parser.GetFunDef()) known.emplace_back(name);
    return known;
  }

  mu::Parser parser;
  FormulaInput input;
};

Formula::Formula(std::unique_ptr<Parser> parser) : parser_(std::move(parser)) {}
Formula::Formula(Formula&&) noexcept = default;
Formula& Formula::operator=(Formula&&) noexcept = default;
Formula::~Formula() = default;

std::optional<Formula> Formula::parse(std::string_view text, ParseError& error) {
  const auto fail = [&error](std::size_t offset, std::string message) {
    error = {offset, std::move(message)};
    return std::nullopt;
  };
  if (text.size() > kMaxLength) {
    return fail(0, "the formula is longer than " + std::to_string(kMaxLength) + " characters");
  }
  if (const auto strange = text.find_first_not_of(kCharacters); strange != std::string_view::npos) {
    return fail(strange, "a formula has numbers, names, brackets and operators only");
  }
  if (const auto assignment = find_assignment(text); assignment != std::string_view::npos) {
    return fail(assignment, "a formula cannot assign; '==' compares");
  }
  auto parser = std::make_unique<Parser>();
  try {
    parser->parser.SetExpr(std::string(text));
    int results = 0;
    parser->parser.Eval(results);
    if (results != 1) return fail(0, "a formula gives one number, not " + std::to_string(results));
  } catch (const mu::Parser::exception_type& e) {
    const std::string& name = e.GetToken();
    const auto offset = static_cast<std::size_t>(std::max(e.GetPos(), 0));
    if (e.GetCode() == mu::ecUNASSIGNABLE_TOKEN) {
      return fail(offset, "unknown name " + in_quotes(name) + " in the formula" +
                              did_you_mean(name, parser->names()));
    }
    return fail(std::min(offset, text.size()),
                "the formula is not complete or not well formed: " + e.GetMsg());
  }
  return Formula(std::move(parser));
}

bool Formula::reads(std::string_view name) const {
  const auto& used = parser_->parser.GetUsedVar();
  return used.find(std::string(name)) != used.end();
}

double Formula::at(const FormulaInput& input) const {
  parser_->input = input;
  try {
    return parser_->parser.Eval();
  } catch (const mu::Parser::exception_type&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace locust
