// The form of the page, and what a filled-in one means for the arguments of the scenario.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/expression.h"
#include "common/result.h"
#include "common/scenario.h"
#include "master/master_options.h"
#include "master/report/run_view.h"
#include "proto/value.h"

namespace locust::master {

// As the command line and the scenario, which may be null, fill it in.
FormView initial_form(const MasterOptions& options, const Scenario* scenario);

// What workers are told of tags and of the scenario's arguments: what was given on the command line,
// or a default that needs no environment, which is the worker's business.
proto::Value::Map parsed_options(const MasterOptions& options, const Scenario* scenario);

// What a form's text means for an argument: text "true" is true where the default is a truth, and so
// on. The error names the argument.
Result<proto::Value> argument_value(const ArgumentSpec& argument, const std::string& text);

}  // namespace locust::master
