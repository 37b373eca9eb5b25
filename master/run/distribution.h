// The test that workers with `-f -` receive: the files of the master's -f. Stock workers get Python
// files, native workers a YAML scenario with the files that it names.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/scenario/scenario_parse.h"
#include "proto/message.h"

namespace locust::master {

// The files by their base names, in every form that stock workers of 2.23 and later read. Errors
// name the file that cannot be read, is too large, or has the same name as another.
Result<proto::LocustfileReply> read_python_files(const std::string& locustfile);

// The files of a scenario that parse_scenario_files has read, and the files that they name, with
// paths relative to their innermost common folder. If they cannot be sent the reply is the error,
// which matters only if a worker asks.
proto::LocustfileReply scenario_reply(const ParsedScenario& parsed);

}  // namespace locust::master
