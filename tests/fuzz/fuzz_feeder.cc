// Feeder files of arbitrary bytes: either every row is there, or an error tells why not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "worker/scenario/feeder_table.h"

namespace {

using namespace locust::worker;

void check(const FeederTable& table, int errors) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.row(i).as_map()->size() != table.columns().size()) std::abort();
  }
  if (errors == 0 && table.size() == 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  int errors = 0;
  const FileErrors count = [&errors](const std::string&) { ++errors; };
  check(read_feeder_csv("f.csv", text, ',', count), errors);
  errors = 0;
  check(read_feeder_json("f.json", text, count), errors);
  return 0;
}
