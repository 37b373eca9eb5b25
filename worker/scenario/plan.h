// Plan: a scenario compiled for execution. Names are resolved, constant texts are rendered, and
// what each request must keep of its response is known. Plain data, immutable after compile; refers
// to the Scenario.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/scenario/scenario.h"
#include "worker/scenario/feeder.h"
#include "worker/scenario/multipart.h"
#include "worker/scenario/text.h"

namespace locust::worker {

struct HeaderPlan {
  std::string name;
  std::optional<CompiledText> value;  // nullopt: removes the header
};
using HeaderPlans = std::vector<HeaderPlan>;

// The settings of one request, or of all requests of a class.
struct RequestSettingsPlan {
  struct Value {
    RequestSetting key;
    CompiledValue value;
    std::string directory;  // of relative paths
  };
  struct Auth {
    AuthSpec::Scheme scheme;
    CompiledText user;
    CompiledText password;
  };
  HeaderPlans cookies;
  std::optional<Auth> auth;
  std::vector<Value> values;
};

struct CheckPlan {
  const Expr* condition;
  std::string failure;       // its name, or the condition as written
  bool with_status = false;  // " (status: 503)" follows
};

struct SavePlan {
  int slot;
  const Expr* value;
  std::string failure;  // if the value is null
};

struct StepPlan;
using StepPlans = std::vector<StepPlan>;

struct RequestPlan {
  std::string method;
  // Percent-encoded, with params. Set if it is known at load; then `url` and `params` are not used.
  std::optional<std::string> constant_url;
  CompiledText url;
  CompiledFields params;
  std::optional<CompiledText> name;
  std::string default_name;  // empty: the URL
  HeaderPlans headers;
  std::variant<std::monostate, CompiledJson, CompiledFields, CompiledText, CompiledFile,
               CompiledMultipart>
      body;
  std::unique_ptr<const RequestSettingsPlan> settings;  // null: none of its own
  std::vector<CheckPlan> checks;
  std::vector<SavePlan> saves;
  bool status_is_checked = false;  // then a status of 400 or more is not a failure by itself
  bool keep_body = false;          // some expression reads it
  bool keep_headers = false;
  StepPlans after;
  bool record = true;  // false: not in the statistics
};

struct SetPlan {
  struct Assignment {
    int slot;
    CompiledValue value;
  };
  std::vector<Assignment> assignments;
};

struct HeadersPlan {
  HeaderPlans headers;
};

struct CookiesPlan {
  HeaderPlans cookies;
};

struct NewSessionPlan {};

struct WaitPlan {
  const Expr* seconds;  // null: until all users are spawned
};

struct FeedPlan {
  Feeder* feeder;
};

struct AddPlan {
  struct Row {
    Feeder* feeder;
    CompiledValue columns;  // a map
  };
  std::vector<Row> rows;
};

struct StopTestPlan {};

struct RunPlan {
  StepPlans* steps;
  std::string name;
};

struct ParallelPlan {
  std::optional<CompiledValue> list;
  int slot = -1;       // of each element
  StepPlans requests;  // only requests
};

struct IfPlan {
  const Expr* condition;
  StepPlans then_steps;
  StepPlans else_steps;
};

struct LoopPlan {
  std::optional<CompiledValue> repeat;  // a number or a list; nullopt: unlimited
  int slot = -1;                        // of the pass or element; -1: none
  const Expr* condition = nullptr;      // null: always
  std::optional<CompiledValue> within;
  StepPlans steps;
};

struct ChoosePlan {
  struct Branch {
    double weights;  // of this branch and those before it
    StepPlans steps;
  };
  std::vector<Branch> branches;  // never empty
};

struct TransactionPlan {
  CompiledText name;
  StepPlans steps;
};

struct RetryPlan {
  int times;
};

struct LogPlan {
  CompiledText text;
};

struct FailPlan {
  CompiledText text;
};

struct EndTaskPlan {};
struct InterruptPlan {};
struct StopUserPlan {};

struct StepPlan {
  SourcePos pos;
  std::variant<RequestPlan, SetPlan, HeadersPlan, CookiesPlan, NewSessionPlan, WaitPlan, RunPlan,
               ParallelPlan, FeedPlan, AddPlan, IfPlan, LoopPlan, ChoosePlan, LogPlan, FailPlan,
               EndTaskPlan, InterruptPlan, StopUserPlan, StopTestPlan, TransactionPlan, RetryPlan>
      action;
  // The parts of an earlier response that the step reads, and those of its own response that a
  // request's checks and saves read.
  ExprReads reads_before;
  ExprReads reads_own;
};

struct TaskPlan {
  const TaskSpec* spec;
  std::string path;  // "forum.read": its name after those of the enclosing sets
  StepPlans steps;
  // For a task set:
  StepPlans on_start;
  std::list<TaskPlan> tasks;
  StepPlans on_stop;
};

struct UserClassPlan {
  const UserClassSpec* spec;
  std::string host;  // empty if the file has none
  HeaderPlans headers;
  std::unique_ptr<const RequestSettingsPlan> settings;  // may be null
  std::vector<std::string> source_ips;                  // user i has number i % size()
  ExprReads reads;                                      // by wait times, headers and settings
  std::vector<CheckPlan> checks;                        // of each request, before its own
  bool status_is_checked = false;                       // by `checks`
  ExprReads reads_own;                                  // by `checks`
  StepPlans after;                                      // of each request that is not in an `after`
  StepPlans on_start;
  std::list<TaskPlan> tasks;  // addresses are kept by RunPlans
  StepPlans on_stop;
};

struct ScenarioPlan {
  std::list<Feeder> feeders;                                 // the only mutable member
  std::vector<std::pair<std::string, ExprValue>> arguments;  // with their defaults
  std::map<std::string, StepPlans> steps;
  std::list<UserClassPlan> users;
  // Classes whose on_start has the steps; null if the file has none.
  std::unique_ptr<UserClassPlan> test_start;
  std::unique_ptr<UserClassPlan> test_stop;
  std::map<std::string, std::string> resolve;  // addresses by lower-case host name
  std::optional<Duration> dns_ttl;
};

// Compiles everything. Errors that only a worker can find, such as an unset environment variable,
// are added to `errors`, each with its position. `runtime` is used to evaluate constants.
ScenarioPlan compile_plan(const Scenario& scenario, ScenarioRuntime& runtime,
                          std::vector<std::string>& errors);

// The URL with its params, percent-encoded. Throws ExprFailure.
std::string request_url(const RequestPlan& request, const EvalContext& context);

// Sets keep_body and keep_headers of every request whose response an expression may read: its own
// checks and saves, those of its class, the steps up to the next request, and whatever runs first
// after a task.
void mark_kept_responses(ScenarioPlan& plan);

}  // namespace locust::worker
