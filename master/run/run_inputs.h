// RunInputs: the inputs of a run, from the command line and the files that it names.
#pragma once

#include <optional>
#include <vector>

#include "common/base/result.h"
#include "common/options/config_users.h"
#include "common/scenario/scenario_parse.h"
#include "master/cluster/master.h"
#include "master/run/master_options.h"
#include "master/shape/shape.h"

namespace locust::master {

// The test that -f names: a YAML scenario or Python locustfiles.
struct TestFile {
  enum class Kind { kNone, kYaml, kPython };
  Kind kind = Kind::kNone;  // there is no -f
  std::optional<Scenario> scenario = std::nullopt;
  std::optional<proto::LocustfileReply> reply = std::nullopt;
  FileDigests files = {};
  proto::Value::Map arguments = {};  // of Python locustfiles, for the workers
};

// The error has a line for each error of the scenario.
Result<TestFile> yaml_test(ParsedScenario parsed);

struct RunInputs {
  std::optional<Scenario> scenario;
  std::vector<UserConfig> config_users;
  std::optional<Shape> shape;
  std::vector<Threshold> thresholds;
  MasterConfig master;
};

// Validates the command line and the files that it names before anything is started.
// `config_users` is what options.config_users says. The error is for the operator.
Result<RunInputs> read_inputs(const MasterOptions& options, TestFile test,
                              std::vector<UserConfig> config_users);

}  // namespace locust::master
