// Evaluates the expressions of a scenario for one user.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/base/log_limiter.h"
#include "worker/http/exchange.h"
#include "worker/scenario/expression_arithmetic.h"
#include "worker/scenario/json_body.h"
#include "worker/user/gate.h"
#include "worker/user/wait_time.h"

namespace locust::worker {

// Compiled regular expressions by their text. Constant ones are compiled at load.
class RegexCache {
 public:
  // Throws ExprFailure for an invalid regular expression. The result is valid until the next call.
  const RE2& get(std::string_view pattern);

 private:
  // Bounds the memory of patterns that are made from response data.
  static constexpr std::size_t kMaxPatterns = 1000;
  std::map<std::string, std::unique_ptr<RE2>, std::less<>> patterns_;
};

using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

struct FileTemplate;
class ScenarioTrace;

// The shared state of all users of a scenario on one loop thread.
class ScenarioRuntime {
 public:
  explicit ScenarioRuntime(EnvironmentLookup environment);
  ~ScenarioRuntime();

  // The value of an environment variable when it was first read.
  const ExprValue& environment(const std::string& name);
  // The number of the next response; never 0.
  std::uint64_t next_serial() { return ++last_serial_; }

  // The value of an argument in the current test; null if not given.
  const ExprValue& argument(const std::string& name) const;
  void set_argument(const std::string& name, ExprValue value) {
    arguments_[name] = std::move(value);
  }

  // The contents for file() and template(), by call; read at load.
  std::unordered_map<const ExprCall*, std::string> files;
  std::unordered_map<const ExprCall*, std::unique_ptr<const FileTemplate>> templates;
  JsonBodies json;
  RegexCache regexes;
  int worker_index = 0;
  // Variables that test_start has set, by slot: for users that have not set them themselves.
  std::vector<ExprValue> shared_variables;
  Gate all_spawned;                 // `wait: all_spawned`
  std::function<void()> stop_test;  // asks the master to end the test
  // Limits `log` steps, so that fast users do not make the loop wait for the log.
  std::optional<LogLimiter> log_limiter;
  ScenarioTrace* trace = nullptr;  // null except in a dry run

 private:
  EnvironmentLookup environment_;
  std::unordered_map<std::string, ExprValue> environment_values_;
  std::unordered_map<std::string, ExprValue> arguments_;
  std::uint64_t last_serial_ = 0;
};

// The context of an evaluation. At load there is neither a user nor a response.
struct EvalContext {
  ScenarioRuntime& runtime;
  const Clock* clock = nullptr;
  Rng* rng = nullptr;
  std::span<const ExprValue> variables;  // by slot; missing ones are null
  const Exchange* exchange = nullptr;    // of the last request
  std::uint64_t serial = 0;              // of its response
  std::string_view failure;              // why it failed; empty: success
  PacingState* pacing = nullptr;         // within wait_time only
  std::uint64_t user_id = 0;
  std::uint64_t iteration = 0;
};

// The value of a variable for this user; null if nothing has set it.
const ExprValue& variable_value(int slot, const EvalContext& context);

// Throws ExprFailure.
ExprValue evaluate(const Expr& expr, const EvalContext& context);

// The functions of the language, in expression_functions.cc.
ExprValue call_function(const ExprCall& call, const EvalContext& context);

// The text of a value, without copying it if possible: `body contains …` must not copy the body.
// nullopt for null. `storage` has the text if it had to be made.
std::optional<std::string_view> text_operand(const Expr& expr, const EvalContext& context,
                                             std::string& storage);

}  // namespace locust::worker
