// Scenario: the content of a YAML test file, as plain data with source positions. Created by
// parse_scenario_files (common/scenario/scenario_parse.h). The worker's interpreter uses all of it,
// the master names, weights and hosts. Immutable after parsing; shared between threads by
// reference.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/scenario/expression.h"
#include "common/scenario/load_shape.h"
#include "common/scenario/source_pos.h"
#include "common/scenario/threshold.h"

namespace locust {

// A text with ${…} in it. A text without ${…} is one literal part; the empty text has no parts.
struct TextTemplate {
  struct Part {
    std::string literal;  // when expr is not set
    ExprPtr expr;
    std::string source;  // of expr, as written between the braces, trimmed
  };
  SourcePos pos;
  std::vector<Part> parts;

  // The whole text, if nothing in it needs evaluation.
  const std::string* constant() const;
  // The expression, if the text is a single ${…}, which keeps its type.
  const Expr* sole_expression() const;
};

struct NamedValue;

// A YAML value whose texts are templates: `set`, `json`, `params`, `form`.
struct ValueTemplate {
  using List = std::vector<ValueTemplate>;
  using Map = std::vector<NamedValue>;
  SourcePos pos;
  std::variant<ExprValue, TextTemplate, List, Map> node;
};

// An expression with its source, for messages and for the texts of failed checks.
struct SourceExpr {
  SourcePos pos;
  std::string source;
  ExprPtr root;
};

struct NamedValue {
  std::string name;
  ValueTemplate value;
};

struct HeaderSpec {
  SourcePos pos;
  std::string name;
  std::optional<TextTemplate> value;  // nullopt: `null`, which removes the header
};

// The settings of requests, apart from headers, cookies and credentials.
enum class RequestSetting {
  kTimeout,
  kAllowRedirects,
  kMaxRedirects,
  kVerify,
  kCert,
  kCa,
  kProxy,
  kHttp2,
  kUnixSocket,
};

// The key in scenario files.
std::string_view setting_name(RequestSetting key);

struct SettingSpec {
  RequestSetting key;
  // Constant timeouts are times, constant switches booleans. Null removes the class's.
  ValueTemplate value;
};

struct AuthSpec {
  enum class Scheme {
    kNone,
    kBasic,
    kDigest,
    kBearer
  };  // kNone: `null`, which removes the class's
  Scheme scheme = Scheme::kNone;
  TextTemplate user;  // kBearer: the token
  TextTemplate password;
};

// Settings of a request, or of a user class as defaults for its requests.
struct RequestSettings {
  std::vector<HeaderSpec> cookies;
  std::optional<AuthSpec> auth;
  std::vector<SettingSpec> values;  // each key once at most
};

struct CheckSpec {
  std::string name;  // empty: the condition as written
  SourceExpr condition;
};

struct SaveSpec {
  int slot = 0;  // index into Scenario::variables
  SourceExpr value;
};

struct JsonBody {
  ValueTemplate value;
};
struct FormBody {
  std::vector<NamedValue> fields;
};
struct RawBody {
  TextTemplate text;
};

// A file that is sent unchanged.
struct FileBody {
  TextTemplate path;  // relative to the folder of the scenario file
};

// A form with files (multipart/form-data). A part is a text, or the file at `path`.
struct MultipartBody {
  struct Part {
    SourcePos pos;
    std::string name;
    std::optional<TextTemplate> text;
    std::optional<TextTemplate> path;
    std::optional<TextTemplate> type;
    std::optional<TextTemplate> filename;
  };
  std::vector<Part> parts;
};
struct ScenarioStep;
using StepList = std::vector<ScenarioStep>;

struct RequestStep {
  std::string method;  // upper case
  TextTemplate url;
  std::optional<TextTemplate> name;
  std::vector<NamedValue> params;
  std::vector<HeaderSpec> headers;
  std::variant<std::monostate, JsonBody, FormBody, RawBody, FileBody, MultipartBody> body;
  RequestSettings settings;
  std::vector<CheckSpec> checks;
  std::vector<SaveSpec> saves;
  StepList after;      // run after the response has been judged and counted
  bool record = true;  // false: not in the statistics
};

struct SetStep {
  struct Assignment {
    int slot = 0;  // index into Scenario::variables
    ValueTemplate value;
  };
  std::vector<Assignment> assignments;
};

// Changes the headers of the user's session.
struct HeadersStep {
  std::vector<HeaderSpec> headers;
};

// Changes the cookies of the user's session.
struct CookiesStep {
  std::vector<HeaderSpec> cookies;
};

// Discards the session's cookies, cache and connections.
struct NewSessionStep {};

struct WaitStep {
  std::optional<SourceExpr> seconds;  // nullopt: until all users are spawned
};

// Ends the test for everyone.
struct StopTestStep {};

// Runs Scenario::steps[name], otherwise the task with that name of the running user's class.
struct RunStep {
  std::string name;
};

// Sets the user's variable with the feeder's name to the feeder's next row.
struct FeedStep {
  std::string feeder;
};

// Adds a row to each of these feeders, all of which have `keep`.
struct AddStep {
  struct Row {
    std::string feeder;
    std::vector<NamedValue> columns;
  };
  std::vector<Row> rows;
};

struct ParallelRequest {
  SourcePos pos;
  RequestStep request;
};

// Requests that are sent in parallel: once, or for each element of `list`.
struct ParallelStep {
  std::optional<ValueTemplate> list;
  int slot = -1;  // of each element, index into Scenario::variables
  std::vector<ParallelRequest> requests;
};

struct IfStep {
  SourceExpr condition;
  StepList then_steps;
  StepList else_steps;
};

// `repeat`, `while`, `within`: at least the first or the last is set.
struct LoopStep {
  std::optional<ValueTemplate> repeat;  // the number of passes, or a list with one element for each
  int slot = -1;                        // of `as`, index into Scenario::variables; -1: none
  std::optional<SourceExpr> condition;
  std::optional<ValueTemplate> within;  // a constant one is a Duration
  StepList steps;
};

// One branch is chosen by weight.
struct ChooseStep {
  struct Branch {
    double weight = 1;
    StepList steps;
  };
  std::vector<Branch> branches;
};

// One row of type TX in the statistics.
struct TransactionStep {
  TextTemplate name;
  StepList steps;
};

// Repeats the request whose `after` contains this step.
struct RetryStep {
  int times = 1;
};

struct LogStep {
  TextTemplate text;
};

// Raises an exception.
struct FailStep {
  TextTemplate text;
};

struct EndTaskStep {};
// Leaves the innermost task set.
struct InterruptStep {};
struct StopUserStep {};

struct ScenarioStep {
  SourcePos pos;
  std::variant<RequestStep, SetStep, HeadersStep, CookiesStep, NewSessionStep, WaitStep, RunStep,
               ParallelStep, FeedStep, AddStep, IfStep, LoopStep, ChooseStep, LogStep, FailStep,
               EndTaskStep, InterruptStep, StopUserStep, StopTestStep, TransactionStep, RetryStep>
      action;
};

// The lists of steps within a step, in file order.
std::vector<const StepList*> inner_steps(const ScenarioStep& step);

struct NamedSteps {
  SourcePos pos;
  StepList steps;
};

// A task of a user class or of a task set: steps, or a task set of its own.
struct TaskSpec {
  SourcePos pos;
  std::string name;
  double weight = 1;  // in a sequence: how many times it runs in a row, a whole number
  std::vector<std::string> tags;
  StepList steps;
  // The members below are a task set's, which has at least one task.
  std::vector<TaskSpec> tasks;
  bool sequence = false;
  std::optional<SourceExpr> wait_time;  // nullopt: the class's
  StepList on_start;
  StepList on_stop;

  bool is_set() const { return !tasks.empty(); }
};

struct UserClassSpec {
  SourcePos pos;
  std::string name;
  double weight = 1;
  int fixed_count = 0;  // 0: by weight
  std::optional<TextTemplate> host;
  std::optional<SourceExpr> wait_time;  // nullopt: no wait
  std::vector<HeaderSpec> headers;      // evaluated for each request
  RequestSettings settings;             // likewise
  bool cache = false;
  int connections = 6;                  // of one user to one host at a time
  std::vector<TextTemplate> source_ip;  // addresses and ranges ("10.0.0.1-10.0.0.9")
  std::vector<CheckSpec> checks;        // of every request, before its own
  StepList after;                       // likewise, but not of requests in an `after`
  StepList on_start;
  std::vector<TaskSpec> tasks;
  bool sequence = false;  // tasks run in file order
  int iterations = 0;     // task runs after which a user stops; 0: unlimited
  StepList on_stop;
};

// Rows for users. Only workers read the file.
struct FeederSpec {
  enum class Source { kNone, kCsv, kJson, kRows };  // kNone: only rows of `add` steps
  enum class Pick { kRandom, kSequential, kUnique };

  SourcePos pos;
  std::string name;
  int slot = 0;  // of the variable that holds the user's row, a map; index into variables
  Source source = Source::kNone;
  SourcePos source_pos;
  std::string path;  // of kCsv and kJson, as written
  char delimiter = ',';
  std::vector<ValueTemplate> rows;  // of kRows, maps
  Pick pick = Pick::kRandom;
  std::size_t keep = 0;                    // the maximum number of rows; 0: no step adds any
  std::vector<std::string> added_columns;  // those that `add` steps name
};

// `feeder.column` in an expression.
struct ColumnRead {
  SourcePos pos;
  int slot = 0;  // of the feeder
  std::string column;
};

// A call of file() or template() in an expression; the path as written.
struct FileCall {
  SourcePos pos;
  const ExprCall* call = nullptr;
  bool is_template = false;
  std::string path;
};

// One of `arguments`: an option of the command line and ${arg.NAME}.
struct ArgumentSpec {
  SourcePos pos;
  std::string name;
  std::optional<ValueTemplate> default_value;  // nullopt: null
  std::string help;
  bool secret = false;               // its value is never shown
  std::vector<std::string> choices;  // empty: any value is accepted
};
// The error of a value of this argument, "size: 'xl' is none of: s, m, l"; nullopt if it is valid.
std::optional<std::string> not_a_choice(const ArgumentSpec& argument, std::string_view value);

struct Scenario {
  std::vector<std::string> files;  // as named in messages
  std::vector<FileCall> file_calls;
  std::vector<FeederSpec> feeders;
  std::vector<ColumnRead> column_reads;
  std::optional<TextTemplate> host;
  std::vector<ArgumentSpec> arguments;  // in file order
  std::vector<HeaderSpec> resolve;      // addresses by host name, instead of the resolver's
  std::optional<Duration> dns_ttl;
  std::vector<UserClassSpec> users;  // in file order
  std::map<std::string, NamedSteps> steps;
  StepList test_start;  // once per test in each worker process
  StepList test_stop;
  std::vector<ShapeSpec> shapes;  // in file order
  std::vector<Threshold> thresholds;
  std::vector<std::string> variables;  // by slot
};

// "shop.yaml:14:7"
std::string to_string(const Scenario& scenario, SourcePos pos);

}  // namespace locust
