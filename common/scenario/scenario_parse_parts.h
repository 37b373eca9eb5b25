// The parts of the scenario parser, one per source file: scenario_parse_users.cc,
// scenario_parse_tasks.cc, scenario_parse_arguments.cc, scenario_parse_steps.cc,
// scenario_parse_control.cc, scenario_parse_names.cc, scenario_parse_runs.cc; called by
// scenario_parse.cc.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/scenario/scenario_parse_reader.h"

namespace locust {

// Adds the top-level mapping of one file to reader.scenario(). Names that another file has already
// defined are errors.
void read_scenario(ScenarioReader& reader, const YamlNode& root);

// Reads a list of steps. `what` names it in messages ("on_start").
StepList read_steps(ScenarioReader& reader, const YamlNode& node, std::string_view what);

// The mapping `tasks` of a user class or of a task set.
std::vector<TaskSpec> read_tasks(ScenarioReader& reader, const YamlNode& value);
// Whether the mapping of a class or set has any task.
bool has_tasks(const YamlNode& map);
// In a sequence weights are whole numbers.
void check_sequence(ScenarioReader& reader, const std::vector<TaskSpec>& tasks);
// Rows for what user classes and task sets have in common.
template <typename Target>
constexpr KeyRow<Target> weight_row() {
  return {"weight", [](ScenarioReader& r, const YamlNode& v, Target& t) {
            t.weight = r.positive_number(v, "'weight'").value_or(t.weight);
          }};
}
template <typename Target>
constexpr KeyRow<Target> wait_time_row() {
  return {"wait_time", [](ScenarioReader& r, const YamlNode& v, Target& t) {
            if (v.kind != YamlNode::Kind::kNull) t.wait_time = r.expression(v, "'wait_time'");
          }};
}
template <typename Target>
constexpr KeyRow<Target> tasks_row() {
  return {"tasks",
          [](ScenarioReader& r, const YamlNode& v, Target& t) { t.tasks = read_tasks(r, v); }};
}
template <typename Target>
constexpr KeyRow<Target> sequence_row() {
  return {"sequence", [](ScenarioReader& r, const YamlNode& v, Target& t) {
            t.sequence = r.boolean(v, "'sequence'").value_or(false);
          }};
}
template <typename Target>
constexpr KeyRow<Target> on_start_row() {
  return {"on_start", [](ScenarioReader& r, const YamlNode& v, Target& t) {
            t.on_start = read_steps(r, v, "'on_start'");
          }};
}
template <typename Target>
constexpr KeyRow<Target> on_stop_row() {
  return {"on_stop", [](ScenarioReader& r, const YamlNode& v, Target& t) {
            t.on_stop = read_steps(r, v, "'on_stop'");
          }};
}

// The mapping `feeders` of the top level.
void read_feeders(ScenarioReader& reader, const YamlNode& value, Scenario& scenario);

// `multipart` of a request.
std::optional<MultipartBody> read_multipart(ScenarioReader& reader, const YamlNode& value);

// The keys in the parser's tables, for the schema.
std::vector<std::string_view> scenario_keys();
std::vector<std::string_view> user_class_keys();
std::vector<std::string_view> task_keys();
std::vector<std::string_view> request_keys();
std::vector<std::string_view> request_forms();  // of these, the keys that make it a request
std::vector<std::string_view> action_keys();    // of steps that do one thing and have one key
std::vector<std::string_view> if_keys();
std::vector<std::string_view> loop_keys();
std::vector<std::string_view> choose_keys();
std::vector<std::string_view> branch_keys();
std::vector<std::string_view> transaction_keys();
std::vector<std::string_view> file_keys();  // of a `multipart`
std::vector<std::string_view> argument_keys();
std::vector<std::string_view> feeder_keys();
std::vector<std::string_view> shape_keys();
std::vector<std::string_view> stage_keys();
std::vector<std::string_view> threshold_keys();
// Reads a step that contains others: one with `if`, `repeat`, `choose` … Returns false without
// reading anything if it is not such a step.
bool read_block_step(ScenarioReader& reader, const YamlNode& node, ScenarioStep& step);
// The first key of the block step that has `key` ("if" for "then"); empty if there is none.
std::string_view block_of(std::string_view key);
// All keys of block steps, for "did you mean".
std::vector<std::string_view> block_keys();

// The steps that end or leave something, and those that log or fail.
void read_log(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step);
void read_fail(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step);
void read_end_task(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step);
void read_interrupt(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step);
void read_stop_user(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step);

void read_retry(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step);
// The value of `after`.
StepList read_after(ScenarioReader& reader, const YamlNode& value);
// A condition or a list of them, added to `checks`.
void read_checks(ScenarioReader& reader, const YamlNode& value, std::vector<CheckSpec>& checks);

// The keys `shape`, `shapes` and `thresholds` of the top level.
void read_shape(ScenarioReader& reader, const YamlNode& value, Scenario& scenario);
void read_shapes(ScenarioReader& reader, const YamlNode& value, Scenario& scenario);
void read_thresholds(ScenarioReader& reader, const YamlNode& value, Scenario& scenario);

// The mapping `arguments` of the top level.
void read_arguments(ScenarioReader& reader, const YamlNode& value, Scenario& scenario);
// The part of `settings` that a request and a user class have in common.
void read_cookies(ScenarioReader& reader, const YamlNode& value, RequestSettings& settings);
void read_auth(ScenarioReader& reader, const YamlNode& value, RequestSettings& settings);
void read_setting(ScenarioReader& reader, const YamlNode& value, RequestSetting key,
                  RequestSettings& settings);
// Rows for KeyRow tables of a Target with `settings`.
template <typename Target>
constexpr KeyRow<Target> cookies_row() {
  return {"cookies",
          [](ScenarioReader& r, const YamlNode& v, Target& t) { read_cookies(r, v, t.settings); }};
}
template <typename Target>
constexpr KeyRow<Target> auth_row() {
  return {"auth",
          [](ScenarioReader& r, const YamlNode& v, Target& t) { read_auth(r, v, t.settings); }};
}
template <typename Target, RequestSetting key>
constexpr KeyRow<Target> setting_row(std::string_view name) {
  return {name, [](ScenarioReader& r, const YamlNode& v, Target& t) {
            read_setting(r, v, key, t.settings);
          }};
}

// A step with the key `parallel`.
void read_parallel(ScenarioReader& reader, const YamlNode& step, ScenarioStep& target);

// `resolve` and `dns_ttl` of a file, `source_ip` of a class.
void read_resolve(ScenarioReader& reader, const YamlNode& value, Scenario& scenario);
void read_dns_ttl(ScenarioReader& reader, const YamlNode& value, Scenario& scenario);
void read_source_ip(ScenarioReader& reader, const YamlNode& value, UserClassSpec& user);

// Checks that need all files: variables that nothing sets, unknown feeders and arguments …
void check_names(ScenarioReader& reader);
// … and checks of nested steps: `run` of unknown steps, in circles or too deep, `interrupt` outside
// of a task set.
void check_runs(ScenarioReader& reader);

}  // namespace locust
