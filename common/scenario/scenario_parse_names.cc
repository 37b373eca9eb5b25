#include <algorithm>
#include <string>

#include "common/base/nearest_name.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

void check_variables(ScenarioReader& reader) {
  const std::vector<std::string>& names = reader.variables().names();
  std::vector<std::string_view> known = builtin_names();
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    if (reader.is_assigned(static_cast<int>(slot))) known.push_back(names[slot]);
  }
  for (const ScenarioReader::VariableRead& read : reader.variable_reads()) {
    if (reader.is_assigned(read.slot)) continue;
    const std::string& name = names[static_cast<std::size_t>(read.slot)];
    reader.errors().add(read.pos, find_function(name)
                                      ? in_quotes(name) + " is a function: write " + name + "(…)"
                                      : "unknown name " + in_quotes(name) + ": nothing sets it" +
                                            did_you_mean(name, known));
  }
}

// Checks feeders, the steps that use them, and the columns that are read. Only the worker knows the
// columns of a file.
void check_feeders(ScenarioReader& reader) {
  Scenario& scenario = reader.scenario();
  std::vector<std::string_view> known;
  for (const FeederSpec& feeder : scenario.feeders) known.push_back(feeder.name);
  const auto find = [&scenario](const auto& is_it) {
    const auto found = std::find_if(scenario.feeders.begin(), scenario.feeders.end(), is_it);
    return found == scenario.feeders.end() ? nullptr : &*found;
  };
  for (const ScenarioReader::FeederUse& use : reader.feeder_uses()) {
    FeederSpec* feeder = find([&](const FeederSpec& f) { return f.name == use.feeder; });
    if (feeder == nullptr) {
      reader.errors().add(
          use.pos, "there is no feeder " + in_quotes(use.feeder) + did_you_mean(use.feeder, known));
      continue;
    }
    if (use.adds && feeder->keep == 0) {
      reader.errors().add(use.pos, "the feeder " + in_quotes(use.feeder) +
                                       " takes no rows from steps; give it 'keep: 10000'");
    }
    feeder->added_columns.insert(feeder->added_columns.end(), use.columns.begin(),
                                 use.columns.end());
  }
  const auto by_slot = [&find](int slot) {
    return find([&](const FeederSpec& f) { return f.slot == slot; });
  };
  for (const ScenarioReader::VariableRead& assignment : reader.assignments()) {
    if (const FeederSpec* feeder = by_slot(assignment.slot)) {
      reader.errors().add(assignment.pos,
                          in_quotes(feeder->name) + " is a feeder; give the variable another name");
    }
  }
  for (const ColumnRead& read : reader.member_reads()) {
    if (by_slot(read.slot) != nullptr) scenario.column_reads.push_back(read);
  }
}

void check_arguments(ScenarioReader& reader) {
  std::vector<std::string_view> known;
  for (const ArgumentSpec& argument : reader.scenario().arguments) known.push_back(argument.name);
  for (const ScenarioReader::ArgumentRead& read : reader.argument_reads()) {
    if (std::find(known.begin(), known.end(), read.name) != known.end()) continue;
    reader.errors().add(read.pos, "unknown argument " + in_quotes("arg." + read.name) +
                                      ": 'arguments' does not define it" +
                                      did_you_mean(read.name, known));
  }
}

void check_shapes(ScenarioReader& reader) {
  std::vector<std::string_view> known;
  for (const UserClassSpec& user : reader.scenario().users) known.push_back(user.name);
  for (const ShapeSpec& shape : reader.scenario().shapes) {
    const auto* stages = std::get_if<std::vector<ShapeStage>>(&shape.load);
    if (stages == nullptr) continue;
    for (const ShapeStage& stage : *stages) {
      for (const ClassCount& users : stage.classes) {
        if (std::find(known.begin(), known.end(), users.name) != known.end()) continue;
        reader.errors().add(stage.pos, "there is no user class " + in_quotes(users.name) +
                                           did_you_mean(users.name, known));
      }
    }
  }
}

}  // namespace

void check_names(ScenarioReader& reader) {
  check_variables(reader);
  check_feeders(reader);
  check_arguments(reader);
  check_shapes(reader);
}

}  // namespace locust
