#include "proto/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/fakes/captures.h"

namespace locust::proto {
namespace {

std::string bytes(const char* hex) { return from_hex(hex); }

Value parsed(const std::string& hex) {
  auto value = parse(from_hex(hex));
  EXPECT_TRUE(value.ok()) << hex << ": " << (value.ok() ? "" : value.error());
  return value.ok() ? std::move(*value) : Value();
}

std::string value_refusal(const std::string& message) {
  const auto value = parse(message);
  return value.ok() ? "accepted" : value.error();
}

TEST(Value, KeepsTheKindOfEveryNumber) {
  EXPECT_EQ(pack(5), bytes("05"));
  EXPECT_EQ(pack(5.0), bytes("cb4014000000000000"));
  EXPECT_EQ(pack(5.0F), bytes("ca40a00000"));
  EXPECT_EQ(pack(parsed("cb4014000000000000")), bytes("cb4014000000000000"));
  EXPECT_EQ(pack(parsed("ca40a00000")), bytes("ca40a00000"));
  EXPECT_EQ(pack(std::numeric_limits<std::uint64_t>::max()), bytes("cfffffffffffffffff"));
  EXPECT_EQ(pack(std::numeric_limits<std::int64_t>::min()), bytes("d38000000000000000"));
}

TEST(Value, WritesIntegersAndHeadersInTheirShortestForm) {
  EXPECT_EQ(pack(-1), bytes("ff"));
  EXPECT_EQ(pack(-33), bytes("d0df"));
  EXPECT_EQ(pack(128), bytes("cc80"));
  EXPECT_EQ(pack(65536), bytes("ce00010000"));
  EXPECT_EQ(pack(std::string(31, 'x')).substr(0, 1), bytes("bf"));
  EXPECT_EQ(pack(std::string(32, 'x')).substr(0, 2), bytes("d920"));
  EXPECT_EQ(pack(Value::Array(16)).substr(0, 3), bytes("dc0010"));
  EXPECT_EQ(pack(parsed("d30000000000000005")), bytes("05")) << "a long form is accepted";
}

TEST(Value, ReadsEveryNumberFormAsAnInteger) {
  for (const char* hex : {"07", "cc07", "cd0007", "ce00000007", "cf0000000000000007", "d007",
                          "d10007", "d200000007", "d30000000000000007", "ca40e00000",
                          "cb401c000000000000", "cb401fae147ae147ae" /* 7.92 */}) {
    EXPECT_EQ(parsed(hex).to_int(), 7) << hex;
  }
  EXPECT_EQ(parsed("cbc01fae147ae147ae").to_int(), -7) << "cut towards zero, as int()";
  EXPECT_EQ(Value(true).to_int(), std::nullopt);
  EXPECT_EQ(Value("7").to_int(), std::nullopt);
  EXPECT_EQ(Value(std::numeric_limits<double>::quiet_NaN()).to_int(), std::nullopt);
  EXPECT_EQ(Value(1e19).to_int(), std::nullopt);
  EXPECT_EQ(Value(std::uint64_t{1} << 63).to_int(), std::nullopt);
  EXPECT_EQ(Value(std::uint64_t{1} << 63).to_double(), 0x1p63);
}

TEST(Value, FindsTheLastOfRepeatedKeys) {
  const Value map = parsed("83a16101a16202a16103");
  EXPECT_EQ(*map.find("a"), Value(3));
  EXPECT_EQ(map.find("c"), nullptr);
  EXPECT_EQ(Value(1).find("a"), nullptr);
  EXPECT_EQ(pack(map), bytes("83a16101a16202a16103")) << "both stay";
}

TEST(Value, KeepsWhatPythonKeepsApart) {
  const std::string frame = bytes(
      "96c0c3c403000102d6ff00000001"  // nil, true, bin, timestamp
      "c7030561626380"                // ext 5, empty map
  );
  const auto value = parse(frame);
  ASSERT_TRUE(value.ok()) << value.error();
  EXPECT_EQ(pack(*value), frame);
  const std::string keys = bytes(
      "85c001c202050ccb40140000000000000dc40161"
      "0e");  // no str keys
  EXPECT_EQ(pack(*parse(keys)), keys);
}

TEST(Value, RefusesWhatPythonRefuses) {
  EXPECT_EQ(value_refusal(""), "not a message: truncated");
  EXPECT_EQ(value_refusal(bytes("93a16101")), "not a message: truncated");
  EXPECT_EQ(value_refusal(bytes("d9")), "not a message: truncated");
  EXPECT_EQ(value_refusal(bytes("0500")), "not a message: 1 bytes left over");
  EXPECT_EQ(value_refusal(bytes("c1")),
            "not a message: a byte that no MessagePack value begins with");
  EXPECT_EQ(value_refusal(bytes("91c1")),
            "not a message: a byte that no MessagePack value begins with");
  EXPECT_EQ(value_refusal(bytes("819001")), "not a message: an array or map as a map key");
  EXPECT_EQ(value_refusal(bytes("81810101"
                                "01")),
            "not a message: an array or map as a map key");
  EXPECT_EQ(value_refusal(bytes("d5ff0000")), "not a message: a timestamp of wrong length");
}

TEST(Value, RefusesTextThatIsNotUtf8) {
  for (const char* hex : {"a1ff", "a2c080" /* overlong */, "a3eda080" /* surrogate */,
                          "a6eda0bdedb880" /* CESU pair */, "a4f4908080" /* too high */,
                          "a2e282" /* cut */, "81a1ff01" /* as a key */}) {
    EXPECT_EQ(value_refusal(bytes(hex)), "not a message: a str is not valid UTF-8") << hex;
  }
  EXPECT_EQ(parsed("a4f09f9880"), Value("\U0001f600"));
  EXPECT_EQ(parsed("c401ff"), Value(Value::Bin{"\xff"}));
}

TEST(Value, RefusesABombOfFifteenBytesBeforeReservingAnything) {
  // Announces 0x0fffffff elements; msgpack's own unpack takes gigabytes for it.
  EXPECT_EQ(value_refusal(bytes("dd0fffffff") + std::string(10, '\0')),
            "not a message: more elements announced than there are bytes");
  EXPECT_EQ(value_refusal(bytes("df0fffffff") + std::string(10, '\0')),
            "not a message: more elements announced than there are bytes");
  // Each header alone is plausible, together they promise more than there is.
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += bytes("dc0100");
  nested.resize(1000);
  EXPECT_EQ(value_refusal(nested), "not a message: more elements announced than there are bytes");
  EXPECT_EQ(value_refusal(bytes("dbffffffff61")), "not a message: truncated");
  EXPECT_EQ(value_refusal(bytes("c9ffffffff0561")), "not a message: truncated");
}

TEST(Value, RefusesTwoMillionLevels) {
  EXPECT_EQ(value_refusal(std::string(2'000'000, '\x91')), "not a message: nested too deeply");
  std::string maps;
  for (int i = 0; i < 1'000'000; ++i) maps += "\x81\x01";
  EXPECT_EQ(value_refusal(maps), "not a message: nested too deeply");
}

TEST(Value, AcceptsExactlyTheDepthOfTheLimit) {
  EXPECT_TRUE(parse(std::string(511, '\x91') + '\x90').ok());
  EXPECT_EQ(value_refusal(std::string(512, '\x91') + '\x90'), "not a message: nested too deeply");
}

TEST(Value, RefusesTooManyElementsAndTooManyBytes) {
  Limits limits;
  limits.max_values = 1000;
  limits.max_bytes = 2000;
  EXPECT_TRUE(parse(pack(Value::Array(999)), limits).ok());
  EXPECT_EQ(parse(pack(Value::Array(1000)), limits).error(), "not a message: too many elements");
  EXPECT_EQ(parse(std::string(2001, '\0'), limits).error(),
            "message of 2001 bytes is above the limit of 2000");
}

TEST(Value, RepairsTextThatIsNotUtf8WhenWriting) {
  EXPECT_EQ(pack("a\xff"), bytes("a461efbfbd"));
  EXPECT_EQ(pack(Value::Map{{"\xc3", 1}}), bytes("81a3efbfbd01"));
}

TEST(Value, SurvivesEveryCapturedFrameByteForByte) {
  const std::vector<CapturedFrame> frames = load_captures();
  for (const CapturedFrame& frame : frames) {
    const auto value = parse(frame.payload);
    ASSERT_TRUE(value.ok()) << frame.session << " at " << frame.t << ": " << value.error();
    ASSERT_EQ(pack(*value), frame.payload) << frame.session << " at " << frame.t;
  }
  EXPECT_EQ(frames.size(), 2344U);
}

}  // namespace
}  // namespace locust::proto
