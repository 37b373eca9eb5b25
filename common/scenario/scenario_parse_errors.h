// Collects the errors in the files of a scenario, with positions; used by scenario_parse*.cc.
#pragma once

#include <string>
#include <vector>

#include "common/scenario/scenario.h"
#include "common/scenario/scenario_parse.h"

namespace locust {

class ScenarioErrors {
 public:
  // `files` must outlive this.
  explicit ScenarioErrors(const std::vector<ScenarioSource>& files) : files_(files) {}

  void add(SourcePos pos, std::string message);
  std::size_t size() const { return errors_.size(); }

  // One line per error, in order of files and positions, without repetitions (of an aliased node).
  // Columns count characters here.
  std::vector<std::string> sorted_lines() const;

 private:
  struct Entry {
    SourcePos pos;
    std::string message;
  };

  const std::vector<ScenarioSource>& files_;
  std::vector<Entry> errors_;
};

}  // namespace locust
