#include "common/base/utf8.h"

#include <gtest/gtest.h>

namespace locust {
namespace {

TEST(Utf8, AcceptsWhatPythonDecodes) {
  for (const char* text : {"", "plain", "é", "€", "😀", "\x7f", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xf4\x8f\xbf\xbf", "12345678é12345678", "1234567é"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
    EXPECT_EQ(repair_utf8(text), text);
  }
  EXPECT_TRUE(is_valid_utf8(std::string_view("\0", 1)));
}

// Expected texts are those of Python's bytes.decode("utf-8", "replace").
TEST(Utf8, RepairsAsPythonReplaces) {
  struct Case {
    const char* text;
    const char* repaired;
  };
  for (const Case& c : {Case{"\xff", "\ufffd"},                      // no lead byte
                        Case{"\x80", "\ufffd"},                      // continuation alone
                        Case{"\xc0\x80", "\ufffd\ufffd"},            // overlong
                        Case{"\xe0\x80\x80", "\ufffd\ufffd\ufffd"},  // overlong
                        Case{"\xed\xa0\x80", "\ufffd\ufffd\ufffd"},  // surrogate
                        Case{"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},
                        Case{"a\xe2\x82", "a\ufffd"},  // cut at the end
                        Case{"\xe2\x82z", "\ufffdz"},  // cut in the middle
                        Case{"\xf0\x9f\x98 \xc3", "\ufffd \ufffd"},
                        Case{"12345678\xff"
                             "12345678",
                             "12345678\ufffd12345678"}}) {
    EXPECT_FALSE(is_valid_utf8(c.text)) << c.repaired;
    EXPECT_EQ(repair_utf8(c.text), c.repaired);
    EXPECT_TRUE(is_valid_utf8(c.repaired));
  }
}

}  // namespace
}  // namespace locust
