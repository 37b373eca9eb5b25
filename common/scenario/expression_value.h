// ExprValue: a value of the scenario language (docs/scenario.md "Texts and expressions").
// Expressions evaluate to it, variables hold it, and texts and JSON bodies consist of it.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/base/number.h"

namespace locust {

class ExprValue;

// Lists and maps are immutable, so that copying a value never copies a document. Maps keep the
// order in which they were written.
using ExprList = std::vector<ExprValue>;
using ExprMap = std::vector<std::pair<std::string, ExprValue>>;

// A number that Number cannot represent, as written in JSON: an id of twenty digits must be
// preserved.
struct LongNumber {
  std::string text;
};

class ExprValue {
 public:
  using Variant = std::variant<std::monostate, bool, Number, LongNumber, Duration, std::string,
                               std::shared_ptr<const ExprList>, std::shared_ptr<const ExprMap>>;

  ExprValue() = default;  // null
  explicit ExprValue(bool b) : state_(b) {}
  explicit ExprValue(Number n) : state_(n) {}
  template <typename T>
    requires std::integral<T> || std::floating_point<T>
  explicit ExprValue(T n) : state_(Number(n)) {}
  explicit ExprValue(LongNumber n) : state_(std::move(n)) {}
  explicit ExprValue(Duration d) : state_(d) {}
  explicit ExprValue(std::string text) : state_(std::move(text)) {}
  explicit ExprValue(std::string_view text) : state_(std::string(text)) {}
  explicit ExprValue(const char* text) : state_(std::string(text)) {}
  explicit ExprValue(ExprList list) : state_(std::make_shared<const ExprList>(std::move(list))) {}
  explicit ExprValue(ExprMap map) : state_(std::make_shared<const ExprMap>(std::move(map))) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(state_); }
  const bool* as_bool() const { return std::get_if<bool>(&state_); }
  const Number* as_number() const { return std::get_if<Number>(&state_); }
  const LongNumber* as_long_number() const { return std::get_if<LongNumber>(&state_); }
  bool is_number() const { return as_number() != nullptr || as_long_number() != nullptr; }
  const Duration* as_duration() const { return std::get_if<Duration>(&state_); }
  const std::string* as_text() const { return std::get_if<std::string>(&state_); }
  const ExprList* as_list() const {
    const auto* p = std::get_if<std::shared_ptr<const ExprList>>(&state_);
    return p == nullptr ? nullptr : p->get();
  }
  const ExprMap* as_map() const {
    const auto* p = std::get_if<std::shared_ptr<const ExprMap>>(&state_);
    return p == nullptr ? nullptr : p->get();
  }
  const Variant& state() const { return state_; }

  // False for null, false and empty texts, lists and maps; true for everything else, including
  // zero. `or` returns the first operand for which this holds.
  bool truthy() const;

  // The value in a text: numbers, lists and maps as JSON (a whole float keeps its ".0"), durations
  // in seconds ("0.8"), true, false, "" for null.
  void append_text(std::string& out) const;
  std::string to_text() const;
  // The value as json.dumps writes it by default (", ", ": ", non-ASCII as \u), durations as
  // seconds.
  void append_json(std::string& out) const;
  std::string to_json() const;

 private:
  Variant state_;
};

// The number of a number or of a text that is one; for a LongNumber the nearest float; otherwise
// nullopt.
std::optional<Number> to_number(const ExprValue& v);
// The number in `text` by JSON's syntax (no leading zeros, no "+", no "0x"), if it is one.
std::optional<Number> parse_json_number(std::string_view text);
bool is_json_number(std::string_view text);
// The same as a value: a LongNumber if a Number would lose digits of an integer, or be infinite.
// Null if it is not a number.
ExprValue json_number_value(std::string_view text);
// A duration as the language writes it ("800ms", "2s", "1h30m"), without sign or spaces.
std::optional<Duration> parse_duration(std::string_view text);

// Text in JSON quotes, as json.dumps with ensure_ascii. Bytes that are not UTF-8 become U+FFFD.
void append_json_quoted(std::string_view text, std::string& out);
// The same without the quotes.
void append_json_escaped(std::string_view text, std::string& out);

}  // namespace locust
