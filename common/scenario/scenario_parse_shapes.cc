#include <array>
#include <string>

#include "common/base/nearest_name.h"
#include "common/scenario/formula.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

constexpr std::string_view kNoShape = "none";  // of --shape
constexpr std::string_view kForms =
    "a shape is {stages: […]}, {users: formula, spawn_rate: 10, until: 1h} or {csv: file}";

// --- Stages.

struct StageDraft {
  ShapeStage stage;
  std::optional<Duration> length;
  std::optional<Duration> until;
};

void read_stage_users(ScenarioReader& reader, const YamlNode& value, StageDraft& draft) {
  if (value.kind != YamlNode::Kind::kMap) {
    draft.stage.users = reader.count(value, "'users'").value_or(0);
    return;
  }
  for (const auto& [name, users] : value.entries) {
    const int count = reader.count(*users, "the users of " + in_quotes(name->text)).value_or(0);
    draft.stage.classes.push_back({name->text, count});
    draft.stage.users += count;
  }
  if (value.entries.empty()) reader.error(value, "'users' names no user class");
}

constexpr std::array kStageKeys = {
    KeyRow<StageDraft>{"for", [](ScenarioReader& r, const YamlNode& v,
                                 StageDraft& draft) { draft.length = r.time_span(v, "'for'"); }},
    KeyRow<StageDraft>{"until", [](ScenarioReader& r, const YamlNode& v,
                                   StageDraft& draft) { draft.until = r.time_span(v, "'until'"); }},
    KeyRow<StageDraft>{"users", read_stage_users},
    KeyRow<StageDraft>{"spawn_rate",
                       [](ScenarioReader& r, const YamlNode& v, StageDraft& draft) {
                         draft.stage.spawn_rate = r.positive_number(v, "'spawn_rate'");
                       }},
};

// The stage that follows `stages`.
void read_stage(ScenarioReader& reader, const YamlNode& node, std::vector<ShapeStage>& stages) {
  if (!reader.is_map(node, "a stage")) return;
  StageDraft draft;
  draft.stage.pos = node.pos;
  read_keys<StageDraft>(reader, node, kStageKeys, "a stage", draft);
  const bool has_length = find_entry(node, "for") != nullptr;
  const bool has_until = find_entry(node, "until") != nullptr;
  const Duration begin = stages.empty() ? Duration::zero() : stages.back().end;
  if (has_length == has_until) {
    reader.error(node, "a stage has either 'for', its length, or 'until', the run time at its end");
  } else if (draft.until && *draft.until <= begin) {
    reader.error(node,
                 "this stage ends before it starts: 'until' counts from the start of the test");
  }
  if (find_entry(node, "users") == nullptr) reader.error(node, "a stage has 'users'");
  draft.stage.end = draft.until.value_or(begin + draft.length.value_or(Duration::zero()));
  if (draft.stage.end > ScenarioReader::kMaxTime) {
    reader.error(node, "the stages last more than 100 years");
    draft.stage.end = ScenarioReader::kMaxTime;
  }
  stages.push_back(std::move(draft.stage));
}

void read_stages(ScenarioReader& reader, const YamlNode& value, ShapeSpec& shape) {
  std::vector<ShapeStage> stages;
  if (!reader.is_list(value, "'stages'")) return;
  for (const YamlNode* item : value.items) read_stage(reader, *item, stages);
  if (value.items.empty()) reader.error(value, "'stages' has no stages");
  shape.load = std::move(stages);
}

// --- Formulas.

FormulaSpec read_formula(ScenarioReader& reader, const YamlNode& value, std::string_view what) {
  if (!reader.is_whole_text(value, what)) return {value.pos, "0"};
  Formula::ParseError error;
  if (!Formula::parse(value.text, error)) {
    reader.report(value, {error.offset, std::move(error.message)});
  }
  return {value.pos, value.text};
}

ShapeFormulas& formulas_of(ShapeSpec& shape) {
  if (auto* formulas = std::get_if<ShapeFormulas>(&shape.load)) return *formulas;
  return shape.load.emplace<ShapeFormulas>();
}

void read_users(ScenarioReader& reader, const YamlNode& value, ShapeSpec& shape) {
  formulas_of(shape).users = read_formula(reader, value, "'users' of a shape without 'stages'");
}

void read_spawn_rate(ScenarioReader& reader, const YamlNode& value, ShapeSpec& shape) {
  formulas_of(shape).spawn_rate = read_formula(reader, value, "'spawn_rate'");
}

void read_until(ScenarioReader& reader, const YamlNode& value, ShapeSpec& shape) {
  formulas_of(shape).until = reader.time_span(value, "'until'");
}

// --- All kinds.

void read_csv(ScenarioReader& reader, const YamlNode& value, ShapeSpec& shape) {
  if (reader.is_text(value, "'csv'")) shape.load = ShapeFile{value.pos, value.text};
}

constexpr std::array kShapeKeys = {
    KeyRow<ShapeSpec>{"stages", read_stages},
    KeyRow<ShapeSpec>{"users", read_users},
    KeyRow<ShapeSpec>{"spawn_rate", read_spawn_rate},
    KeyRow<ShapeSpec>{"until", read_until},
    KeyRow<ShapeSpec>{"csv", read_csv},
    KeyRow<ShapeSpec>{"arrival_rate", nullptr},
};

// Whether its keys are those of one kind of shape.
bool is_one_kind(const YamlNode& node) {
  const auto has = [&node](std::string_view key) { return find_entry(node, key) != nullptr; };
  if (has("stages") || has("csv")) return node.entries.size() == 1;
  return has("users");
}

void add_shape(ScenarioReader& reader, SourcePos pos, const std::string& name,
               const YamlNode& value) {
  const std::string where = "shape " + in_quotes(name);
  if (!reader.is_map(value, where)) return;
  ShapeSpec shape{pos, name, {}};
  const std::size_t errors = reader.errors().size();
  read_keys<ShapeSpec>(reader, value, kShapeKeys, where, shape);
  if (reader.errors().size() == errors && !is_one_kind(value)) {
    reader.error(value, std::string(kForms));
  }
  reader.scenario().shapes.push_back(std::move(shape));
}

}  // namespace

std::vector<std::string_view> shape_keys() { return readable_keys<ShapeSpec>(kShapeKeys); }
std::vector<std::string_view> stage_keys() { return readable_keys<StageDraft>(kStageKeys); }

void read_shape(ScenarioReader& reader, const YamlNode& value, Scenario&) {
  add_shape(reader, value.pos, "shape", value);
}

void read_shapes(ScenarioReader& reader, const YamlNode& value, Scenario& scenario) {
  if (!reader.is_map(value, "'shapes'")) return;
  for (const auto& [name, shape] : value.entries) {
    if (name->text == kNoShape) {
      reader.error(*name, "'none' means no shape; give this one another name");
    } else if (reader.define("shape", *name)) {
      add_shape(reader, name->pos, name->text, *shape);
    }
  }
  if (scenario.shapes.empty()) reader.error(value, "'shapes' names no shape");
}

}  // namespace locust
