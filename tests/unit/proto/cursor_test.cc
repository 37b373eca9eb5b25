#include "proto/cursor.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "proto/fields.h"
#include "tests/unit/proto/wire_helpers.h"

namespace locust::proto {
namespace {

std::vector<Value> all_numbers() {
  std::vector<Value> numbers = {
      Value(0.0),  Value(-0.0),  Value(2.5F),
      Value(-2.5), Value(1e300), Value(0x1p63),
      Value(kNan), Value(kInf),  Value(std::numeric_limits<std::uint64_t>::max())};
  for (int bits = 0; bits < 64; ++bits) {
    const std::uint64_t power = std::uint64_t{1} << bits;
    for (const std::uint64_t i : {power - 1, power, power + 1}) {
      numbers.emplace_back(i);
      numbers.emplace_back(static_cast<std::int64_t>(0 - i));
      numbers.emplace_back(static_cast<double>(i));
    }
  }
  return numbers;
}

TEST(Cursor, ReadsEveryNumberAsTheFieldsOfADecodedMapAreRead) {
  for (const Value& value : all_numbers()) {
    const std::string bytes = pack(value);
    Cursor number_in(bytes);
    const Number number = number_in.number();
    const auto wanted = finite_number(value);
    ASSERT_EQ(number_in.ok(), wanted.has_value()) << bytes.size();
    EXPECT_EQ(number.repr(), wanted.value_or(Number()).repr());
    Cursor count_in(bytes);
    const std::int64_t n = count_in.count();
    ASSERT_EQ(count_in.ok(), count(value).has_value()) << number.repr();
    EXPECT_EQ(n, count(value).value_or(0));
  }
}

TEST(Cursor, ReadsTextsAndContainersOfEverySize) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 31U, 32U, 255U, 256U, 65'535U, 65'536U}) {
    const std::string text(size, 'x');
    const std::string text_bytes = pack(text);
    EXPECT_EQ(Cursor(text_bytes).str(), text);
    EXPECT_EQ(Cursor(text_bytes).key(), text);
    const std::string bin_bytes = pack(Value::Bin{text});
    EXPECT_EQ(Cursor(bin_bytes).bin(), text);
    const std::string array_bytes = pack(Value::Array(size, Value()));
    Cursor array(array_bytes);
    EXPECT_EQ(array.array(), size);
    for (std::size_t i = 0; i < size; ++i) EXPECT_TRUE(array.nil());
    EXPECT_TRUE(array.ok() && array.at_end());
    const std::string map_bytes = pack(Value::Map(size, {Value(1), Value()}));
    EXPECT_EQ(Cursor(map_bytes).map(), size);
  }
}

TEST(Cursor, FailsForGoodOnWhatIsOfAnotherKind) {
  const std::string bytes = pack(Value::Array{1, "text", 2});
  Cursor in(bytes);
  EXPECT_EQ(in.array(), 3U);
  EXPECT_FALSE(in.nil());
  EXPECT_EQ(in.str(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.count(), 0);
  EXPECT_EQ(in.key(), "");
  EXPECT_EQ(in.map(), 0U);
  EXPECT_FALSE(in.ok());
  const std::string not_utf8 = "\xa1\xff";
  EXPECT_EQ(Cursor(not_utf8).key(), "\xff");
  EXPECT_EQ(Cursor(not_utf8).str(), "");
}

TEST(Cursor, FailsOnWhatIsCutShort) {
  const Value values[] = {Value(300),
                          Value(-70'000),
                          Value(std::int64_t{1} << 40),
                          Value(1.5),
                          Value(1.5F),
                          Value("a longer text than thirty-one bytes"),
                          Value(Value::Bin{"bytes"})};
  for (const Value& value : values) {
    const std::string bytes = pack(value);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      Cursor in(std::string_view(bytes).substr(0, size));
      if (value.str() != nullptr) {
        in.str();
      } else if (value.get_if<Value::Bin>() != nullptr) {
        in.bin();
      } else {
        in.number();
      }
      EXPECT_FALSE(in.ok()) << size << " of " << bytes.size();
    }
  }
}

TEST(Cursor, RefusesContainersThatTheBytesCannotHold) {
  EXPECT_EQ(Cursor("\xdd\xff\xff\xff\xff....").array(), 0U);
  EXPECT_EQ(Cursor("\xdd\x00\x00\x00\x04....").array(), 0U) << "the literal ends at its zero";
  EXPECT_EQ(Cursor(std::string_view("\xdd\x00\x00\x00\x04....", 9)).array(), 4U);
  EXPECT_EQ(Cursor("\x83.....").map(), 0U);
  EXPECT_EQ(Cursor("\x83......").map(), 3U);
}

}  // namespace
}  // namespace locust::proto
