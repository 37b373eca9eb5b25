#include "master/web/http_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/web/swarm_form.h"

namespace locust::master::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(HttpText, FormsAreDecodedAndRepeatedNamesKept) {
  EXPECT_THAT(parse_form("user_count=5&host=http%3A%2F%2Fa%20b&user_classes=A&user_classes=B+C"),
              ElementsAre(Pair("user_count", "5"), Pair("host", "http://a b"),
                          Pair("user_classes", "A"), Pair("user_classes", "B C")));
  EXPECT_THAT(parse_form(""), IsEmpty());
  EXPECT_THAT(parse_form("&&a&=b&c=&"), ElementsAre(Pair("a", ""), Pair("", "b"), Pair("c", "")));
}

TEST(HttpText, WhatIsNoEscapeStaysAsItIs) {
  EXPECT_EQ(percent_decode("100%", Plus::kIsPlus), "100%");
  EXPECT_EQ(percent_decode("%zz%4", Plus::kIsPlus), "%zz%4");
  EXPECT_EQ(percent_decode("%41%2b+", Plus::kIsPlus), "A++");
  EXPECT_EQ(percent_decode("a%ffb", Plus::kIsPlus),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(HttpText, OfAFormABoundedNumberOfFieldsIsRead) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "a=1&";
  EXPECT_EQ(parse_form(text).size(), kMaxFields + 1);
}

TEST(HttpText, MultipartFormsGiveTheirFieldsWithoutFiles) {
  const std::string body =
      "preamble\r\n--xyz\r\nContent-Disposition: form-data; name=\"user_count\"\r\n\r\n5\r\n"
      "--xyz\r\ncontent-disposition: form-data; name=f; filename=\"a.txt\"\r\n\r\nfile\r\n"
      "--xyz\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=\"host\"\r\n\r\n"
      "http://a\r\nb\r\n--xyz--\r\n";
  EXPECT_THAT(parse_multipart("multipart/form-data; boundary=xyz", body),
              ElementsAre(Pair("user_count", "5"), Pair("host", "http://a\r\nb")));
  EXPECT_THAT(parse_multipart("multipart/form-data; boundary=\"xyz\"", body.substr(0, 60)),
              IsEmpty());
  EXPECT_THAT(parse_multipart("multipart/form-data", body), IsEmpty());
  EXPECT_THAT(parse_multipart("text/plain; boundary=xyz", body), IsEmpty());
}

TEST(HttpText, CookiesAreReadOneByOne) {
  EXPECT_THAT(parse_cookies("a=1; b = 2 ;c;=d; e=f=g"),
              ElementsAre(Pair("a", "1"), Pair("b", "2"), Pair("c", ""), Pair("e", "f=g")));
}

TEST(HttpText, ABasePathIsTakenOff) {
  EXPECT_EQ(below_base_path("/locust/stop", "/locust"), "/stop");
  EXPECT_EQ(below_base_path("/locust", "/locust"), "");
  EXPECT_EQ(below_base_path("/locusts", "/locust"), std::nullopt);
  EXPECT_EQ(below_base_path("/", "/locust"), std::nullopt);
  EXPECT_EQ(below_base_path("/stop", ""), "/stop");
}

TEST(HttpText, GzipIsUsedWhereItIsAccepted) {
  EXPECT_TRUE(accepts_gzip("gzip, deflate, br"));
  EXPECT_TRUE(accepts_gzip("br;q=1.0, GZIP;q=0.5"));
  EXPECT_TRUE(accepts_gzip("*"));
  EXPECT_FALSE(accepts_gzip(""));
  EXPECT_FALSE(accepts_gzip("br"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0"));
  EXPECT_FALSE(accepts_gzip("gzip; q=0.00"));
}

TEST(HttpText, NothingGetsOutOfHtmlOrAHeader) {
  EXPECT_EQ(escape_html("<a href='x'>\"&"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;");
  EXPECT_EQ(attachment("Locust_a_requests.csv"), "attachment;filename=Locust_a_requests.csv");
  EXPECT_EQ(attachment("Locust_a_http://b_requests.csv"),
            "attachment;filename=\"Locust_a_http://b_requests.csv\"");
  EXPECT_EQ(attachment("a\r\nX: \"\xC3\xA4"),
            "attachment;filename=\"a__X: ___\";filename*=UTF-8''a%0D%0AX%3A%20%22%C3%A4");
}

TEST(SwarmForm, HasStocksFields) {
  const auto form = parse_swarm_form({{"user_count", "7"},
                                      {"spawn_rate", "2.5"},
                                      {"host", "<b>http://a</b>"},
                                      {"run_time", "1m30s"},
                                      {"user_classes", "A"},
                                      {"user_classes", "B"},
                                      {"shape_class", "Default"},
                                      {"profile", "p"},
                                      {"pages", "3"}});
  ASSERT_TRUE(form) << form.error();
  EXPECT_EQ(form->user_count, 7);
  EXPECT_EQ(form->spawn_rate, 2.5);
  EXPECT_EQ(form->host, "bhttp://a/b");
  EXPECT_EQ(form->run_time, 90);
  EXPECT_THAT(form->user_classes, ElementsAre("A", "B"));
  EXPECT_EQ(form->shape_class, "Default");
  EXPECT_EQ(form->profile, "p");
  EXPECT_THAT(form->others, ElementsAre(Pair("pages", "3")));
}

TEST(SwarmForm, AnEmptyRunTimeIsNoLimit) {
  EXPECT_EQ(parse_swarm_form({{"run_time", ""}})->run_time, std::nullopt);
  EXPECT_EQ(parse_swarm_form({{"run_time", "0"}})->run_time, std::nullopt);
}

TEST(SwarmForm, RefusesTextsThatAreTooLongForEveryWorker) {
  EXPECT_TRUE(parse_swarm_form({{"host", std::string(kMaxTextBytes, 'h')}}));
  EXPECT_EQ(parse_swarm_form({{"host", std::string(kMaxTextBytes + 1, 'h')}}).error(),
            "host: longer than 2048 bytes");
  for (const char* name : {"user_classes", "shape_class", "profile"}) {
    EXPECT_FALSE(parse_swarm_form({{name, std::string(kMaxTextBytes + 1, 'x')}})) << name;
  }
  EXPECT_TRUE(parse_swarm_form({{"pages", std::string(kMaxArgumentBytes, '1')}}));
  EXPECT_EQ(parse_swarm_form({{"pages", std::string(kMaxArgumentBytes + 1, '1')}}).error(),
            "pages: longer than 8192 bytes");
}

TEST(SwarmForm, SaysWhatIsWrong) {
  EXPECT_EQ(parse_swarm_form({{"user_count", "x"}}).error(),
            "Invalid user_count value: 'x' (must be an integer)");
  EXPECT_EQ(parse_swarm_form({{"user_count", "1\n[2023"}}).error(),
            "Invalid user_count value: '1\\x0a[2023' (must be an integer)");
  EXPECT_LT(parse_swarm_form({{"spawn_rate", std::string(5'000, 'x')}}).error().size(), 200);
  EXPECT_FALSE(parse_swarm_form({{"user_count", "-1"}}));
  EXPECT_FALSE(parse_swarm_form({{"user_count", "99999999999999999999"}}));
  EXPECT_FALSE(parse_swarm_form({{"spawn_rate", "nan"}}));
  EXPECT_FALSE(parse_swarm_form({{"spawn_rate", "inf"}}));
  EXPECT_FALSE(parse_swarm_form({{"spawn_rate", ""}}));
  EXPECT_THAT(parse_swarm_form({{"run_time", "soon"}}).error(),
              HasSubstr("Valid run_time formats are : 20, 20s"));
}

}  // namespace
}  // namespace locust::master::web
