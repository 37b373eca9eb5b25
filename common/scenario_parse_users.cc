#include <array>
#include <string>

#include "common/nearest_name.h"
#include "common/scenario_parse_parts.h"

namespace locust {
namespace {

std::string quoted(std::string_view kind, std::string_view name) {
  return std::string(kind) + " " + in_quotes(name);
}

// --- Tasks.

void read_tags(ScenarioReader& reader, const YamlNode& value, TaskSpec& task) {
  if (!reader.is_list(value, "'tags'")) return;
  for (const YamlNode* item : value.items) {
    if (reader.is_text(*item, "a tag")) task.tags.push_back(item->text);
  }
}

constexpr std::array kTaskKeys = {
    KeyRow<TaskSpec>{"weight",
                     [](ScenarioReader& r, const YamlNode& v, TaskSpec& task) {
                       task.weight = r.positive_number(v, "'weight'").value_or(task.weight);
                     }},
    KeyRow<TaskSpec>{"steps", [](ScenarioReader& r, const YamlNode& v,
                                 TaskSpec& task) { task.steps = read_steps(r, v, "'steps'"); }},
    KeyRow<TaskSpec>{"tags", read_tags},
    KeyRow<TaskSpec>{"tasks", nullptr},
    KeyRow<TaskSpec>{"wait_time", nullptr},
    KeyRow<TaskSpec>{"on_start", nullptr},
    KeyRow<TaskSpec>{"on_stop", nullptr},
    KeyRow<TaskSpec>{"sequence", nullptr},
};

TaskSpec read_task(ScenarioReader& reader, const YamlNode& key, const YamlNode& value) {
  TaskSpec task;
  task.pos = key.pos;
  task.name = key.text;
  const std::string where = quoted("task", key.text);
  if (value.kind != YamlNode::Kind::kMap) {
    task.steps = read_steps(reader, value, where);
    return task;
  }
  read_keys<TaskSpec>(reader, value, kTaskKeys, where, task);
  const bool has_steps =
      std::any_of(value.entries.begin(), value.entries.end(), [](const auto& entry) {
        return entry.first->text == "steps" || entry.first->text == "tasks";
      });
  if (!has_steps) {
    reader.error(key, where + " has no steps: it is a list of steps, or a mapping with 'steps'");
  }
  return task;
}

void read_tasks(ScenarioReader& reader, const YamlNode& value, UserClassSpec& user) {
  if (!reader.is_map(value, "'tasks'")) return;
  for (const auto& [key, task] : value.entries) {
    user.tasks.push_back(read_task(reader, *key, *task));
  }
}

// --- User classes.

void read_wait_time(ScenarioReader& reader, const YamlNode& value, UserClassSpec& user) {
  if (value.kind == YamlNode::Kind::kNull) return;
  user.wait_time = reader.expression(value, "'wait_time'");
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

constexpr std::array kUserKeys = {
    KeyRow<UserClassSpec>{"weight",
                          [](ScenarioReader& r, const YamlNode& v, UserClassSpec& user) {
                            user.weight = r.positive_number(v, "'weight'").value_or(user.weight);
                          }},
    KeyRow<UserClassSpec>{"fixed_count",
                          [](ScenarioReader& r, const YamlNode& v, UserClassSpec& user) {
                            user.fixed_count = r.count(v, "'fixed_count'").value_or(0);
                          }},
    KeyRow<UserClassSpec>{"host", [](ScenarioReader& r, const YamlNode& v,
                                     UserClassSpec& user) { user.host = r.text(v, "'host'"); }},
    KeyRow<UserClassSpec>{"wait_time", read_wait_time},
    KeyRow<UserClassSpec>{"headers",
                          [](ScenarioReader& r, const YamlNode& v, UserClassSpec& user) {
                            user.headers = r.headers(v, "'headers'");
                          }},
    KeyRow<UserClassSpec>{"on_start",
                          [](ScenarioReader& r, const YamlNode& v, UserClassSpec& user) {
                            user.on_start = read_steps(r, v, "'on_start'");
                          }},
    KeyRow<UserClassSpec>{"tasks", read_tasks},
    KeyRow<UserClassSpec>{"on_stop",
                          [](ScenarioReader& r, const YamlNode& v, UserClassSpec& user) {
                            user.on_stop = read_steps(r, v, "'on_stop'");
                          }},
    KeyRow<UserClassSpec>{"sequence", nullptr},
    KeyRow<UserClassSpec>{"iterations", nullptr},
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
  const bool has_tasks =
      std::any_of(value.entries.begin(), value.entries.end(), [](const auto& entry) {
        return entry.first->text == "tasks" && entry.second->kind == YamlNode::Kind::kMap &&
               !entry.second->entries.empty();
      });
  if (!has_tasks) reader.error(key, where + " has no tasks");
  reader.scenario().users.push_back(std::move(user));
}

// --- The top level.

void read_host(ScenarioReader& reader, const YamlNode& value, Scenario& scenario) {
  scenario.host = reader.text(value, "'host'");
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
std::vector<std::string_view> task_keys() { return readable_keys<TaskSpec>(kTaskKeys); }

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
