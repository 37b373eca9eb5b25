// A JSON Schema of scenario files, for editors.
#pragma once

#include <string>

namespace locust {

// Draft 2020-12. Its keys are those of the parser's own tables, so it knows what this build reads;
// what a schema cannot say (names, expressions, files) is left to the parser.
std::string scenario_schema();

}  // namespace locust
