// ScenarioReader: converts nodes of the YAML tree to parts of a scenario and reports errors; used
// by scenario_parse*.cc.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/scenario/scenario_parse_yaml.h"

namespace locust {

class ScenarioReader {
 public:
  ScenarioReader(Scenario& scenario, ScenarioErrors& errors)
      : scenario_(scenario), errors_(errors) {}

  Scenario& scenario() { return scenario_; }
  ScenarioErrors& errors() { return errors_; }
  void error(const YamlNode& node, std::string message) {
    errors_.add(node.pos, std::move(message));
  }

  // --- Kinds of nodes. They report a wrong kind and return false. `what` names the value in
  // messages.
  bool is_map(const YamlNode& node, std::string_view what);
  bool is_list(const YamlNode& node, std::string_view what);
  bool is_text(const YamlNode& node, std::string_view what);

  // --- Scalars. nullopt after an error.
  std::optional<double> positive_number(const YamlNode& node, std::string_view what);
  std::optional<int> count(const YamlNode& node, std::string_view what);
  std::optional<bool> boolean(const YamlNode& node, std::string_view what);
  // Above 0, at most kMaxTime: a number of seconds, or a duration as "1h30m".
  std::optional<Duration> time_span(const YamlNode& node, std::string_view what);
  static constexpr Duration kMaxTime = std::chrono::hours(100 * 365 * 24);

  // --- Texts with ${…} and expressions. nullopt after an error.
  std::optional<TextTemplate> text(const YamlNode& node, std::string_view what);
  std::optional<SourceExpr> expression(const YamlNode& node, std::string_view what);
  // Unquoted scalars are typed as JSON writes them.
  std::optional<ValueTemplate> value(const YamlNode& node);
  // A mapping of names to values, as in `params` and `form`.
  std::vector<NamedValue> named_values(const YamlNode& node, std::string_view what);
  std::vector<HeaderSpec> headers(const YamlNode& node, std::string_view what);

  // --- Texts in a language of their own. False after an error.
  bool is_whole_text(const YamlNode& node, std::string_view what);
  // Reports an error in the node's text, at error.offset.
  void report(const YamlNode& node, const ExprError& error);

  // Records that the file defines a `kind` ("user class") with this name. Returns false, and
  // reports, if another file has already done so.
  bool define(std::string_view kind, const YamlNode& name);
  // The slot of a variable that a step sets; reports names that cannot be variables.
  int assigned_variable(const YamlNode& name);
  // The same for the variable that holds a user's row of a feeder, which nothing else may set.
  int feeder_variable(const YamlNode& name);

  // Whether the steps being read are in an `after`, where `retry` is allowed.
  bool in_after = false;

  // --- Checked when all files have been read.
  struct VariableRead {
    SourcePos pos;
    int slot;
  };
  const std::vector<VariableRead>& variable_reads() const { return variable_reads_; }
  // Members of variables, of which those of feeders are columns.
  const std::vector<ColumnRead>& member_reads() const { return member_reads_; }
  // The assignments by `set`, `save` and similar.
  const std::vector<VariableRead>& assignments() const { return assignments_; }
  // `feed` and `add` steps.
  struct FeederUse {
    SourcePos pos;
    std::string feeder;
    bool adds = false;
    std::vector<std::string> columns;  // that it adds
  };
  const std::vector<FeederUse>& feeder_uses() const { return feeder_uses_; }
  void note_feeder_use(FeederUse use) { feeder_uses_.push_back(std::move(use)); }
  struct ArgumentRead {
    SourcePos pos;
    std::string name;
  };
  const std::vector<ArgumentRead>& argument_reads() const { return argument_reads_; }
  bool is_assigned(int slot) const;
  const VariableNames& variables() const { return variables_; }

 private:
  // The position of byte `offset` of the node's text.
  static SourcePos place(const YamlNode& node, std::size_t offset);
  bool is_cut(const YamlNode& node);
  void note_reads(const YamlNode& node, const Expr& expr);
  int variable(const YamlNode& name);
  std::optional<ValueTemplate> scalar(const YamlNode& node);

  Scenario& scenario_;
  ScenarioErrors& errors_;
  VariableNames variables_;
  std::map<std::string, SourcePos> definitions_;
  std::vector<bool> assigned_;  // by slot
  std::vector<VariableRead> variable_reads_;
  std::vector<ColumnRead> member_reads_;
  std::vector<VariableRead> assignments_;
  std::vector<FeederUse> feeder_uses_;
  std::vector<ArgumentRead> argument_reads_;
};

// One key of a mapping. The tables of these rows are the language's vocabulary: a key that is not
// in the table is unknown.
template <typename Target>
struct KeyRow {
  std::string_view key;
  void (*read)(ScenarioReader& reader, const YamlNode& value, Target& target);
};

// Reads the mapping `node` by the table. `where` names it in messages ("user class 'ShopUser'").
template <typename Target>
void read_keys(ScenarioReader& reader, const YamlNode& node, std::span<const KeyRow<Target>> table,
               std::string_view where, Target& target);

// The keys of a table that have a reader.
template <typename Target>
std::vector<std::string_view> readable_keys(std::span<const KeyRow<Target>> table) {
  std::vector<std::string_view> keys;
  for (const KeyRow<Target>& row : table) {
    if (row.read != nullptr) keys.push_back(row.key);
  }
  return keys;
}

// The value of that key; null if there is none.
const YamlNode::Entry* find_entry(const YamlNode& map, std::string_view key);

// "unknown key 'wieght' in user class 'ShopUser'; did you mean 'weight'?"
std::string unknown_key(std::string_view key, std::string_view where,
                        const std::vector<std::string_view>& known);
std::string not_supported(std::string_view key);

template <typename Target>
void read_keys(ScenarioReader& reader, const YamlNode& node, std::span<const KeyRow<Target>> table,
               std::string_view where, Target& target) {
  for (const auto& [key, value] : node.entries) {
    const auto row = std::find_if(table.begin(), table.end(),
                                  [&](const KeyRow<Target>& r) { return r.key == key->text; });
    if (row == table.end()) {
      std::vector<std::string_view> known;
      for (const KeyRow<Target>& r : table) known.push_back(r.key);
      reader.error(*key, unknown_key(key->text, where, known));
    } else if (row->read == nullptr) {
      reader.error(*key, not_supported(key->text));
    } else {
      row->read(reader, *value, target);
    }
  }
}

}  // namespace locust
