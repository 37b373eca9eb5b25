// parse() on arbitrary bytes: never crashes, and what it accepts survives pack() unchanged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "proto/value.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace locust::proto;
  const auto value = parse({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  const std::string packed = pack(*value);
  const auto again = parse(packed);
  if (!again || pack(*again) != packed) std::abort();
  return 0;
}
