#include "common/base/python_repr.h"

#include <gtest/gtest.h>

namespace locust {
namespace {

TEST(PythonRepr, single_quotes_unless_the_text_has_only_single_ones) {
  EXPECT_EQ(python_repr(""), "''");
  EXPECT_EQ(python_repr("a"), "'a'");
  EXPECT_EQ(python_repr("it's"), "\"it's\"");
  EXPECT_EQ(python_repr("say \"x\""), "'say \"x\"'");
  EXPECT_EQ(python_repr("both ' \""), "'both \\' \"'");
}

TEST(PythonRepr, backslashes_and_control_characters_are_escaped) {
  EXPECT_EQ(python_repr("\\"), "'\\\\'");
  EXPECT_EQ(python_repr(std::string_view("\t\n\r\0\x1f\x7f", 6)), "'\\t\\n\\r\\x00\\x1f\\x7f'");
}

TEST(PythonRepr, printable_text_of_any_script_stays_as_it_is) {
  EXPECT_EQ(python_repr("é日😀¡"), "'é日😀¡'");
}

TEST(PythonRepr, what_is_not_printable_is_escaped_by_the_length_of_its_code_point) {
  EXPECT_EQ(python_repr("\u0080"), "'\\x80'");
  EXPECT_EQ(python_repr("\u00a0\u00ad"), "'\\xa0\\xad'");  // space, format
  EXPECT_EQ(python_repr("\u200b\u2028\ufeff"), "'\\u200b\\u2028\\ufeff'");
  EXPECT_EQ(python_repr("\ue000"), "'\\ue000'");  // private use
  EXPECT_EQ(python_repr("\u0378"), "'\\u0378'");  // unassigned
  EXPECT_EQ(python_repr("\U000e0001"), "'\\U000e0001'");
  EXPECT_EQ(python_repr("\U0001fae8"), "'\\U0001fae8'");  // assigned in Unicode 15
  EXPECT_EQ(python_repr("\U0010ffff"), "'\\U0010ffff'");
}

TEST(PythonRepr, bytes_that_are_not_utf8_count_as_the_replacement_character) {
  EXPECT_EQ(python_repr("a\xff z"), "'a\ufffd z'");
  EXPECT_EQ(python_repr("\xe6\x97"), "'\ufffd'");
}

}  // namespace
}  // namespace locust
