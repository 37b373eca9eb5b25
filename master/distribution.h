// What `-f -` workers are sent: the Python files that the master's -f names. The master itself does
// not run them; it learns user classes from the workers.
#pragma once

#include <string>

#include "common/result.h"
#include "proto/message.h"

namespace locust::master {

// Whether every part of a comma-separated -f is a .py file, which is not read as a scenario.
bool is_python(const std::string& locustfile);

// The files by their base names, in every form that stock workers of 2.23 and later read. Errors name
// the file: one that cannot be read, is too large, or has the name of another.
Result<proto::LocustfileReply> read_python_files(const std::string& locustfile);

}  // namespace locust::master
