// What `-f -` workers are sent: what the master's -f names. Python files go to stock workers, as the
// master itself does not run them and learns user classes from the workers; a YAML scenario goes to
// workers of ours, with the files it names.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/scenario/scenario_parse.h"
#include "proto/message.h"

namespace locust::master {

// The files by their base names, in every form that stock workers of 2.23 and later read. Errors name
// the file: one that cannot be read, is too large, or has the name of another.
Result<proto::LocustfileReply> read_python_files(const std::string& locustfile);

// The files of a scenario that parse_scenario_files has read, and those that they name, with their
// folders from the innermost on that holds them all. Where that cannot be sent the reply is the
// error, which is nobody's business unless somebody asks.
proto::LocustfileReply scenario_reply(const ParsedScenario& parsed);

}  // namespace locust::master
