// Formulas over the run time of a test, such as "100 + 50*sin(2*pi*t/600)". formula.cc is
// the only file that includes muParser.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace locust {

// The input of a formula.
struct FormulaInput {
  double t = 0;  // run time, seconds
  // The options of the same name.
  double users = 0;
  double spawn_rate = 0;
  double run_time = 0;  // seconds
};

class Formula {
 public:
  static constexpr std::size_t kMaxLength = 1'000;

  struct ParseError {
    std::size_t offset = 0;  // in the text
    std::string message;
  };
  // nullopt, with `error` set, if `text` is not a formula.
  static std::optional<Formula> parse(std::string_view text, ParseError& error);

  Formula(Formula&&) noexcept;
  Formula& operator=(Formula&&) noexcept;
  ~Formula();

  // Whether the formula reads that part of its input.
  bool reads(std::string_view name) const;
  // The result is not finite where the formula has no value (1/t for 0).
  double at(const FormulaInput& input) const;

 private:
  struct Parser;
  explicit Formula(std::unique_ptr<Parser> parser);

  std::unique_ptr<Parser> parser_;
};

}  // namespace locust
