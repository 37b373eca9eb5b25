#include "common/base/printable.h"

#include <gtest/gtest.h>

namespace locust {
namespace {

TEST(Printable, LeavesTextAsItIs) {
  for (const char* text : {"", "plain", "tab\there", "é € 😀", "\xff\xc2"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, EscapesWhatSteersATerminal) {
  EXPECT_EQ(printable("\x1b[2J\r\x7f"), "\\x1b[2J\\x0d\\x7f");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "1m"),
            "a\\xc2\\x9b1m")
      << "ESC [ in one character";
  EXPECT_EQ(printable("\xc2\xa0"), "\xc2\xa0") << "no-break space";
}

TEST(Printable, ALineStaysOne) {
  EXPECT_EQ(printable("a\nGET /forged\r\n"), "a\\x0aGET /forged\\x0d\\x0a");
  EXPECT_EQ(printable("a\u2028b\u2029c"), "a\\u2028b\\u2029c");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable_lines("a\tb\n\x1b[2Jc\r\nd"), "a\tb\n\\x1b[2Jc\\x0d\nd");
}

TEST(Printable, TheDirectionOfTheTextIsNotOverridden) {
  EXPECT_EQ(printable("\u202aa\u202e\u2066\u2069"), "\\u202aa\\u202e\\u2066\\u2069");
  EXPECT_EQ(printable("\u2027\u202f\u2065\u206a"), "\u2027\u202f\u2065\u206a");
  EXPECT_EQ(printable("\xe2\x80"), "\xe2\x80") << "cut off";
}

TEST(Printable, AMessageQuotesTheBeginOfALongText) {
  EXPECT_EQ(quoted_part("a\nb"), "a\\x0ab");
  EXPECT_EQ(quoted_part(std::string(100, 'x')), std::string(100, 'x'));
  EXPECT_EQ(quoted_part(std::string(99, 'x') + "\xc3\xa4"), std::string(99, 'x') + "…");
}

}  // namespace
}  // namespace locust
