// A JSON Schema of scenario files, for editors.
#pragma once

#include <string>

namespace locust {

// Draft 2020-12. Its keys are those of the parser's tables, so it matches this build. What a schema
// cannot express (names, expressions, files) is checked only by the parser.
std::string scenario_schema();

}  // namespace locust
