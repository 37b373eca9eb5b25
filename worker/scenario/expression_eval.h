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

// Compiled regular expressions by their text. Those of a file are compiled at load.
class RegexCache {
 public:
  // Throws ExprFailure for what is no regular expression. Valid until the next call.
  const RE2& get(std::string_view pattern);

 private:
  // Patterns made of response data must not fill the memory.
  static constexpr std::size_t kMaxPatterns = 1000;
  std::map<std::string, std::unique_ptr<RE2>, std::less<>> patterns_;
};

using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

struct FileTemplate;
class ScenarioTrace;

// What all users of a scenario on one loop thread share while they run.
class ScenarioRuntime {
 public:
  explicit ScenarioRuntime(EnvironmentLookup environment);
  ~ScenarioRuntime();

  // The environment as it was at the first look.
  const ExprValue& environment(const std::string& name);
  // Numbers responses; never 0.
  std::uint64_t next_serial() { return ++last_serial_; }

  // The value of an argument in the present test; null for what nobody gave.
  const ExprValue& argument(const std::string& name) const;
  void set_argument(const std::string& name, ExprValue value) {
    arguments_[name] = std::move(value);
  }

  // What file() gives and what template() fills in, by call; read at load.
  std::unordered_map<const ExprCall*, std::string> files;
  std::unordered_map<const ExprCall*, std::unique_ptr<const FileTemplate>> templates;
  JsonBodies json;
  RegexCache regexes;
  int worker_index = 0;
  // What test_start has set, by slot: for users that have not set the variable themselves.
  std::vector<ExprValue> shared_variables;
  Gate all_spawned;                 // `wait: all_spawned`
  std::function<void()> stop_test;  // asks the master to end the test
  // Of `log` steps: users in a hurry must not make the loop wait for the log.
  std::optional<LogLimiter> log_limiter;
  ScenarioTrace* trace = nullptr;  // null but in a dry run

 private:
  EnvironmentLookup environment_;
  std::unordered_map<std::string, ExprValue> environment_values_;
  std::unordered_map<std::string, ExprValue> arguments_;
  std::uint64_t last_serial_ = 0;
};

// What an expression can see. At load there is neither a user nor a response.
struct EvalContext {
  ScenarioRuntime& runtime;
  const Clock* clock = nullptr;
  Rng* rng = nullptr;
  std::span<const ExprValue> variables;  // by slot; missing ones are null
  const Exchange* exchange = nullptr;    // of the last request
  std::uint64_t serial = 0;              // of its response
  std::string_view failure;              // why it failed; empty: it did not
  PacingState* pacing = nullptr;         // within wait_time only
  std::uint64_t user_id = 0;
  std::uint64_t iteration = 0;
};

// The value of a variable as this user sees it; null if nothing has set it.
const ExprValue& variable_value(int slot, const EvalContext& context);

// Throws ExprFailure.
ExprValue evaluate(const Expr& expr, const EvalContext& context);

// The functions of the language, in expression_functions.cc.
ExprValue call_function(const ExprCall& call, const EvalContext& context);

// Gives a text without copying it where that is possible: `body contains …` must not copy the body.
// Null gives nothing. `storage` holds what had to be made.
std::optional<std::string_view> text_operand(const Expr& expr, const EvalContext& context,
                                             std::string& storage);

}  // namespace locust::worker
