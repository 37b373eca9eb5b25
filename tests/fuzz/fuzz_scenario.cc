// The scenario parser on arbitrary bytes: never crashes, hangs or says nothing about a broken file,
// and says the same when asked again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/scenario/scenario_parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace locust;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const ParsedScenario parsed = parse_scenario({{"f.yaml", text}});
  for (const std::string& error : parsed.errors) {
    if (!error.starts_with("f.yaml:")) std::abort();
  }
  if (parse_scenario({{"f.yaml", text}}).errors != parsed.errors) std::abort();
  return 0;
}
