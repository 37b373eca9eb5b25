#include "proto/extension_wire.h"

#include <utility>

#include "proto/fields.h"
#include "proto/texts.h"

namespace locust::proto {
namespace {

constexpr const char* kSecret = "secret";
constexpr const char* kScenarios = "scenarios";

// Fields that count as absent if they are not of their kind.

std::optional<std::int64_t> count_in(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value == nullptr ? std::nullopt : count(*value);
}

std::optional<std::string> str_in(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  const std::string* text = value == nullptr ? nullptr : value->str();
  return text == nullptr ? std::nullopt : std::optional(*text);
}

Result<std::vector<TaskRatio>> decode_tasks(Value::Map& map) {
  auto named = named_values(map, "tasks");
  if (!named) return Error{named.error()};
  std::vector<TaskRatio> tasks;
  tasks.reserve(named->size());
  for (auto& [name, value] : *named) {
    Value::Map* fields = value->get_if<Value::Map>();
    if (fields == nullptr) return not_a("a task", *value, "a map");
    FieldReader in(*fields);
    TaskRatio task{std::move(name), in.number("ratio"), {}};
    if (auto children = in.optional_map("tasks")) {
      auto decoded = decode_tasks(*children);
      if (!decoded) return Error{decoded.error()};
      task.tasks = std::move(*decoded);
    }
    if (!in.ok()) return in.error();
    tasks.push_back(std::move(task));
  }
  return tasks;
}

Result<ClassInfo> decode_class(std::string name, Value& data) {
  Value::Map* map = data.get_if<Value::Map>();
  if (map == nullptr) return not_a("a class", data, "a map");
  FieldReader in(*map);
  ClassInfo info;
  info.name = std::move(name);
  info.weight = in.optional_number("weight").value_or(1);
  info.fixed_count = in.optional_integer("fixed_count").value_or(0);
  info.host = in.optional_str("host");
  if (auto tasks = in.optional_map("tasks")) {
    auto decoded = decode_tasks(*tasks);
    if (!decoded) return Error{decoded.error()};
    info.tasks = std::move(*decoded);
  }
  if (!in.ok()) return in.error();
  return info;
}

// Entries beyond the limits of native workers are dropped; the rest of the report is still valid.
Result<FileDigests> decode_files(Value::Map& map) {
  auto named = named_values(map, "files");
  if (!named) return Error{named.error()};
  FileDigests files;
  bool fits = named->size() <= kMaxFileDigests;
  for (auto& [name, value] : *named) {
    auto* digest = value->get_if<Value::Bin>();
    if (digest == nullptr) return not_a("a file", *value, "a digest");
    fits = fits && name.size() <= kMaxFileDigestName &&
           (digest->bytes.empty() || digest->bytes.size() == kFileDigestBytes);
    if (fits) files.push_back({std::move(name), std::move(digest->bytes)});
  }
  return fits ? std::move(files) : FileDigests();
}

void encode_tasks(Packer& out, const std::vector<TaskRatio>& tasks) {
  out.map(tasks.size());
  for (const TaskRatio& task : tasks) {
    out.str(task.name);
    out.map(task.tasks.empty() ? 1 : 2);
    out.str("ratio");
    out.float64(task.ratio);
    if (task.tasks.empty()) continue;
    out.str("tasks");
    encode_tasks(out, task.tasks);
  }
}

void encode_class(Packer& out, const ClassInfo& info) {
  out.str(info.name);
  out.map(4);
  out.str("weight");
  out.float64(info.weight);
  out.str("fixed_count");
  out.integer(info.fixed_count);
  out.str("host");
  info.host ? out.str(*info.host) : out.nil();
  out.str("tasks");
  encode_tasks(out, info.tasks);
}

// Starts the extension, a map with one field for each true value of `present`.
template <typename... Present>
void begin_extension(Packer& out, Present... present) {
  out.str(kExtensionKey);
  out.map((std::size_t{0} + ... + (present ? 1 : 0)));
}

void encode_count(Packer& out, const char* key, const std::optional<std::int64_t>& count) {
  if (!count) return;
  out.str(key);
  out.integer(*count);
}

// A field that is present only if it is true.
void encode_flag(Packer& out, const char* key, bool flag) {
  if (!flag) return;
  out.str(key);
  out.value(true);
}

}  // namespace

// ---- Reports ----

Result<StatsExtension> decode_stats_extension(Value& data) {
  Value::Map* map = data.get_if<Value::Map>();
  if (map == nullptr) return not_a("it", data, "a map");
  StatsExtension extension{.tasks = count_in(data, "tasks"),
                           .stop_test = data.find("stop_test") != nullptr,
                           .exit_code = count_in(data, "exit_code"),
                           .uncaught = data.find("uncaught") != nullptr};
  FieldReader in(*map);
  if (auto classes = in.optional_map("user_classes")) {
    auto named = named_values(*classes, "user_classes");
    if (!named) return Error{named.error()};
    for (auto& [name, value] : *named) {
      auto info = decode_class(std::move(name), *value);
      if (!info) return Error{info.error()};
      extension.user_classes.push_back(std::move(*info));
    }
  }
  if (auto named = in.optional_map("files")) {
    auto files = decode_files(*named);
    if (!files) return Error{files.error()};
    extension.files = std::move(*files);
  }
  if (!in.ok()) return in.error();
  return extension;
}

void encode_extension(Packer& out, const StatsExtension& extension) {
  begin_extension(out, !extension.user_classes.empty(), !extension.files.empty(),
                  extension.tasks.has_value(), extension.stop_test, extension.exit_code.has_value(),
                  extension.uncaught);
  if (!extension.user_classes.empty()) {
    out.str("user_classes");
    out.map(extension.user_classes.size());
    for (const ClassInfo& info : extension.user_classes) encode_class(out, info);
  }
  if (!extension.files.empty()) {
    out.str("files");
    out.map(extension.files.size());
    for (const FileDigest& file : extension.files) {
      out.str(file.name);
      out.bin(file.sha256);
    }
  }
  encode_count(out, "tasks", extension.tasks);
  encode_flag(out, "stop_test", extension.stop_test);
  encode_count(out, "exit_code", extension.exit_code);
  encode_flag(out, "uncaught", extension.uncaught);
}

// ---- Heartbeats ----

HeartbeatExtension decode_heartbeat_extension(const Value& data) {
  const Value* lag = data.find("loop_lag_ms");
  const Value* limits = data.find("generator_bound");
  return {.loop_lag_ms = lag == nullptr ? std::nullopt : finite(*lag),
          .late_timers = count_in(data, "late_timers").value_or(0),
          .generator_bound = limits == nullptr ? std::vector<std::string>() : texts_in(*limits),
          .unfinished = str_in(data, "unfinished"),
          .secret = str_in(data, kSecret).value_or("")};
}

void encode_extension(Packer& out, const HeartbeatExtension& extension) {
  begin_extension(out, extension.loop_lag_ms.has_value(), /*late_timers=*/true,
                  /*generator_bound=*/true, extension.unfinished.has_value(),
                  !extension.secret.empty());
  if (extension.loop_lag_ms) {
    out.str("loop_lag_ms");
    out.float64(*extension.loop_lag_ms);
  }
  encode_count(out, "late_timers", extension.late_timers);
  out.str("generator_bound");
  out.array(extension.generator_bound.size());
  for (const std::string& limit : extension.generator_bound) out.str(limit);
  if (extension.unfinished) {
    out.str("unfinished");
    out.str(*extension.unfinished);
  }
  if (!extension.secret.empty()) {
    out.str(kSecret);
    out.str(extension.secret);
  }
}

// ---- From the master ----

SpawnExtension decode_spawn_extension(const Value& data) {
  SpawnExtension extension{.iterations = count_in(data, "iterations"),
                           .users_of_test = count_in(data, "users_of_test")};
  if (const auto name = str_in(data, "evidence")) {
    extension.evidence = find_evidence_level(*name).value_or(EvidenceLevel::kNone);
  }
  return extension;
}

void encode_extension(Packer& out, const SpawnExtension& extension) {
  begin_extension(out, extension.iterations.has_value(), extension.evidence.has_value(),
                  extension.users_of_test.has_value());
  encode_count(out, "iterations", extension.iterations);
  if (extension.evidence) {
    out.str("evidence");
    out.str(name_of(*extension.evidence));
  }
  encode_count(out, "users_of_test", extension.users_of_test);
}

std::string decode_ack_secret(const Value& data) { return str_in(data, kSecret).value_or(""); }

void encode_ack_secret(Packer& out, const std::string& secret) {
  begin_extension(out, !secret.empty());
  if (secret.empty()) return;
  out.str(kSecret);
  out.str(secret);
}

std::optional<std::int64_t> decode_scenarios(const Value& data) {
  return count_in(data, kScenarios);
}

void encode_scenarios(Packer& out, std::int64_t scenarios) {
  begin_extension(out, /*scenarios=*/true);
  encode_count(out, kScenarios, scenarios);
}

void encode_empty_extension(Packer& out) { begin_extension(out); }

}  // namespace locust::proto
