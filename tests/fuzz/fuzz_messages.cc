// Both decoders on arbitrary bytes: never crash, and what they accept survives encode() unchanged; and
// the short way for reports reads what the long one reads.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "proto/codec.h"
#include "tests/fakes/report_readers.h"

namespace {

using namespace locust::proto;

void check(locust::Result<Message> (*decode)(std::string_view), std::string_view bytes) {
  const auto message = decode(bytes);
  if (!message) return;
  const std::string encoded = encode(*message);
  const auto again = decode(encoded);
  if (!again || encode(*again) != encoded) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(decode_from_worker, bytes);
  check(decode_from_master, bytes);
  if (!locust::fakes::readers_agree(bytes)) std::abort();
  return 0;
}
