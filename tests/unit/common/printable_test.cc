#include "common/printable.h"

#include <gtest/gtest.h>

namespace locust {
namespace {

std::string printable(std::string_view line) {
  std::string out;
  append_printable(out, line);
  return out;
}

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

TEST(Printable, AMessageQuotesTheBeginOfALongText) {
  EXPECT_EQ(quoted_part("a\nb"), "a\\x0ab");
  EXPECT_EQ(quoted_part(std::string(100, 'x')), std::string(100, 'x'));
  EXPECT_EQ(quoted_part(std::string(99, 'x') + "\xc3\xa4"), std::string(99, 'x') + "…");
}

}  // namespace
}  // namespace locust
