// RunSetup: what a run has from its command line and the files that it names.
#pragma once

#include <optional>
#include <vector>

#include "common/options/config_users.h"
#include "common/scenario/scenario.h"
#include "common/scenario/threshold.h"
#include "master/run/form_fields.h"
#include "master/run/locustfile_shape.h"
#include "master/shape/shape.h"

namespace locust::master {

// What the pointers name must outlive the run.
struct RunSetup {
  const Scenario* scenario = nullptr;               // may be null
  const LocustfileArguments* locustfile = nullptr;  // may be null
  // May be null. Its shape replaces `shape` and, without a class picker, that of a start from the
  // page.
  LocustfileShape* locustfile_shape = nullptr;
  std::vector<UserConfig> config_users = {};  // --config-users
  // Of the test that the command line asks for. A start from the page makes its own, because the
  // form may choose another shape or other values for it.
  std::optional<Shape> shape = std::nullopt;
  std::vector<Threshold> thresholds = {};
};

}  // namespace locust::master
