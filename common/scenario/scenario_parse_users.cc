#include <array>
#include <string>

#include "common/base/nearest_name.h"
#include "common/scenario/base_url.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

std::string quoted(std::string_view kind, std::string_view name) {
  return std::string(kind) + " " + in_quotes(name);
}

// --- User classes.

void read_iterations(ScenarioReader& reader, const YamlNode& value, UserClassSpec& user) {
  const auto iterations = reader.count(value, "'iterations'");
  if (iterations == 0) reader.error(value, "'iterations' must be 1 or more");
  user.iterations = iterations.value_or(0);
}

void read_connections(ScenarioReader& reader, const YamlNode& value, UserClassSpec& user) {
  const auto connections = reader.count(value, "'connections'");
  if (connections == 0) reader.error(value, "'connections' must be 1 or more");
  user.connections = connections.value_or(user.connections);
}

void read_cache(ScenarioReader& reader, const YamlNode& value, UserClassSpec& user) {
  if (value.text != "true" && value.text != "false") {
    reader.error(value, "'cache' must be true or false");
  }
  user.cache = value.text == "true";
}

// Workers report the errors of a URL with ${env.NAME}.
std::optional<TextTemplate> read_base_url(ScenarioReader& reader, const YamlNode& value) {
  std::optional<TextTemplate> host = reader.text(value, "'host'");
  const std::string* constant = host ? host->constant() : nullptr;
  if (constant == nullptr) return host;
  if (const auto problem = base_url_problem(*constant)) reader.error(value, "'host': " + *problem);
  return host;
}

constexpr std::array kUserKeys = {
    weight_row<UserClassSpec>(),
    KeyRow<UserClassSpec>{"fixed_count",
                          [](ScenarioReader& r, const YamlNode& v, UserClassSpec& user) {
                            user.fixed_count = r.count(v, "'fixed_count'").value_or(0);
                          }},
    KeyRow<UserClassSpec>{"host", [](ScenarioReader& r, const YamlNode& v,
                                     UserClassSpec& user) { user.host = read_base_url(r, v); }},
    wait_time_row<UserClassSpec>(),
    KeyRow<UserClassSpec>{"headers",
                          [](ScenarioReader& r, const YamlNode& v, UserClassSpec& user) {
                            user.headers = r.headers(v, "'headers'");
                          }},
    on_start_row<UserClassSpec>(),
    tasks_row<UserClassSpec>(),
    on_stop_row<UserClassSpec>(),
    sequence_row<UserClassSpec>(),
    KeyRow<UserClassSpec>{"iterations", read_iterations},
    KeyRow<UserClassSpec>{"connections", read_connections},
    KeyRow<UserClassSpec>{"source_ip", read_source_ip},
    KeyRow<UserClassSpec>{"cache", read_cache},
    cookies_row<UserClassSpec>(),
    auth_row<UserClassSpec>(),
    setting_row<UserClassSpec, RequestSetting::kTimeout>("timeout"),
    setting_row<UserClassSpec, RequestSetting::kVerify>("verify"),
    setting_row<UserClassSpec, RequestSetting::kCert>("cert"),
    setting_row<UserClassSpec, RequestSetting::kCa>("ca"),
    setting_row<UserClassSpec, RequestSetting::kProxy>("proxy"),
    setting_row<UserClassSpec, RequestSetting::kHttp2>("http2"),
    setting_row<UserClassSpec, RequestSetting::kUnixSocket>("unix_socket"),
    setting_row<UserClassSpec, RequestSetting::kAllowRedirects>("allow_redirects"),
    setting_row<UserClassSpec, RequestSetting::kMaxRedirects>("max_redirects"),
    KeyRow<UserClassSpec>{"check", [](ScenarioReader& r, const YamlNode& v,
                                      UserClassSpec& user) { read_checks(r, v, user.checks); }},
    KeyRow<UserClassSpec>{"after", [](ScenarioReader& r, const YamlNode& v,
                                      UserClassSpec& user) { user.after = read_after(r, v); }},
};

void read_user_class(ScenarioReader& reader, const YamlNode& key, const YamlNode& value) {
  const std::string where = quoted("user class", key.text);
  if (!reader.is_map(value, where)) return;
  UserClassSpec user;
  user.pos = key.pos;
  user.name = key.text;
  read_keys<UserClassSpec>(reader, value, kUserKeys, where, user);
  if (!has_tasks(value)) reader.error(key, where + " has no tasks");
  if (user.sequence) check_sequence(reader, user.tasks);
  reader.scenario().users.push_back(std::move(user));
}

// --- The top level.

void read_host(ScenarioReader& reader, const YamlNode& value, Scenario& scenario) {
  scenario.host = read_base_url(reader, value);
}

void read_users(ScenarioReader& reader, const YamlNode& value, Scenario&) {
  if (!reader.is_map(value, "'users'")) return;
  for (const auto& [key, user] : value.entries) {
    if (reader.define("user class", *key)) read_user_class(reader, *key, *user);
  }
}

void read_named_steps(ScenarioReader& reader, const YamlNode& value, Scenario& scenario) {
  if (!reader.is_map(value, "'steps'")) return;
  for (const auto& [key, steps] : value.entries) {
    if (!reader.define("steps", *key)) continue;
    StepList list = read_steps(reader, *steps, quoted("steps", key->text));
    scenario.steps.emplace(key->text, NamedSteps{key->pos, std::move(list)});
  }
}

void read_test_start(ScenarioReader& reader, const YamlNode& value, Scenario& scenario) {
  scenario.test_start = read_steps(reader, value, "'test_start'");
}

void read_test_stop(ScenarioReader& reader, const YamlNode& value, Scenario& scenario) {
  scenario.test_stop = read_steps(reader, value, "'test_stop'");
}

constexpr std::array kTopKeys = {
    KeyRow<Scenario>{"host", read_host},
    KeyRow<Scenario>{"users", read_users},
    KeyRow<Scenario>{"steps", read_named_steps},
    KeyRow<Scenario>{"arguments", read_arguments},
    KeyRow<Scenario>{"feeders", read_feeders},
    KeyRow<Scenario>{"shape", read_shape},
    KeyRow<Scenario>{"shapes", read_shapes},
    KeyRow<Scenario>{"thresholds", read_thresholds},
    KeyRow<Scenario>{"test_start", read_test_start},
    KeyRow<Scenario>{"test_stop", read_test_stop},
    KeyRow<Scenario>{"resolve", read_resolve},
    KeyRow<Scenario>{"dns_ttl", read_dns_ttl},
};

}  // namespace

std::vector<std::string_view> scenario_keys() { return readable_keys<Scenario>(kTopKeys); }
std::vector<std::string_view> user_class_keys() { return readable_keys<UserClassSpec>(kUserKeys); }

void read_scenario(ScenarioReader& reader, const YamlNode& root) {
  if (!reader.is_map(root, "a scenario")) return;
  // A file may share a place for anchors ("x-…") and must share the one-per-scenario keys with no
  // other file.
  YamlNode relevant = root;
  std::erase_if(relevant.entries, [&reader](const YamlNode::Entry& entry) {
    const std::string& key = entry.first->text;
    const bool only_once = key == "host" || key == "dns_ttl" || key == "test_start" ||
                           key == "test_stop" || key == "shape";
    return key.starts_with("x-") || (only_once && !reader.define("the key", *entry.first));
  });
  read_keys<Scenario>(reader, relevant, kTopKeys, "the scenario", reader.scenario());
}

}  // namespace locust
