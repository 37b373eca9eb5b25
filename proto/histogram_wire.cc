#include "proto/histogram_wire.h"

#include <cstdint>
#include <optional>

#include "proto/message.h"

namespace locust::proto {
namespace {

void append(std::string& bytes, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>(number | 0x80);
  bytes += static_cast<char>(number);
}

// Reads one number from the front; nullopt if there is none that fits 63 bits.
std::optional<std::uint64_t> take(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (int shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

}  // namespace

std::string pack_histogram(const Histogram& histogram) {
  std::string bytes;
  std::size_t last = 0;
  for (const Histogram::Bucket& bucket : histogram.buckets()) {
    append(bytes, bucket.index - last);
    append(bytes, static_cast<std::uint64_t>(bucket.count));
    last = bucket.index;
  }
  return bytes;
}

Result<Histogram> unpack_histogram(std::string_view bytes) {
  Histogram histogram;
  std::uint64_t index = 0;
  for (bool first = true; !bytes.empty(); first = false) {
    const auto step = take(bytes);
    const auto count = take(bytes);
    if (!step || !count) return Error{"a number is cut short"};
    if (*step == 0 && !first) return Error{"a bucket comes twice"};
    if (*step >= Histogram::kBuckets - index) return Error{"a bucket is out of range"};
    if (*count == 0 || *count > static_cast<std::uint64_t>(kMaxCount))
      return Error{"a count is out of range"};
    index += *step;
    histogram.add({static_cast<std::size_t>(index), static_cast<std::int64_t>(*count)});
  }
  return histogram;
}

}  // namespace locust::proto
