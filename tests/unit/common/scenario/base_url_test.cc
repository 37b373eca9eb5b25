// What a base URL must be, and who cannot do without one.
#include "common/scenario/base_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/scenario/scenario_parse.h"

namespace locust {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string problem(std::string_view url) { return base_url_problem(url).value_or(""); }

TEST(BaseUrl, WhatARequestCanBeSentToIsNoProblem) {
  for (const char* url :
       {"", "http://shop", "https://shop:8443/path?x=1", "HTTP://Shop", "http://[::1]:80",
        "http://[::1]", "http://user:p%40ss@shop:80", "http://shop:", "http://shop/a b"}) {
    EXPECT_EQ(problem(url), "") << url;
  }
}

TEST(BaseUrl, ARemedyIsNamedWhereTheSchemeIsMissing) {
  EXPECT_EQ(problem("localhost:8080"),
            "'localhost:8080' has no scheme; write http://localhost:8080");
  EXPECT_EQ(problem("//shop/x"), "'//shop/x' has no scheme; write http://shop/x");
  EXPECT_EQ(problem("bob:secret@shop"), "'***@shop' has no scheme; write http://***@shop");
}

TEST(BaseUrl, OtherMistakesAreNamed) {
  EXPECT_EQ(problem("ftp://shop"), "'ftp://shop' has a scheme other than http and https");
  EXPECT_EQ(problem("http:///x"), "'http:///x' names no host");
  EXPECT_EQ(problem("http://:80"), "'http://:80' names no host");
  EXPECT_EQ(problem("///"), "'///' names no host");
  EXPECT_EQ(problem("http://[::1"), "'http://[::1' has '[' without ']'");
  for (const char* url : {"http://shop:65536", "http://shop:8o", "http://[::1]80", "http://a:-1"}) {
    EXPECT_THAT(problem(url), HasSubstr("has a port that is not from 0 to 65535")) << url;
  }
  for (const char* url : {"http://sh op", " http://shop", "http://shop\n"}) {
    EXPECT_THAT(problem(url), HasSubstr("has a blank or a control character in it")) << url;
  }
}

TEST(BaseUrl, APasswordIsNotShown) {
  EXPECT_EQ(problem("ftp://bob:secret@shop"),
            "'ftp://***@shop' has a scheme other than http and https");
}

class MissingHosts : public ::testing::Test {
 protected:
  static std::vector<std::string> of(const std::string& text) {
    const ParsedScenario parsed = parse_scenario({{"f.yaml", text}});
    EXPECT_THAT(parsed.errors, IsEmpty());
    return missing_hosts(parsed.scenario, [](const UserClassSpec&) { return true; });
  }
  static std::string user(const std::string& url) {
    return "users:\n  U:\n    tasks:\n      t:\n        - get: " + url + "\n";
  }
};

TEST_F(MissingHosts, NameFileClassUrlAndRemedy) {
  EXPECT_THAT(of(user("/cart")),
              ElementsAre("f.yaml:5:11: user class 'U' has no host, which the URL '/cart' needs; "
                          "give -H http://HOST (--host), or 'host: http://HOST' in the file"));
}

TEST_F(MissingHosts, AreNoneWhereTheFileOrTheClassHasOne) {
  EXPECT_THAT(of("host: http://shop\n" + user("/cart")), IsEmpty());
  EXPECT_THAT(of("users:\n  U:\n    host: http://shop\n    tasks:\n      t:\n        - get: /\n"),
              IsEmpty());
  EXPECT_THAT(of(user("https://shop/cart")), IsEmpty());
}

TEST_F(MissingHosts, AreNotClaimedWhereAnExpressionMayGiveTheWholeUrl) {
  EXPECT_THAT(of(user("${env.BASE}/cart")), IsEmpty());
  EXPECT_THAT(of(user("http${env.S}://shop/")), IsEmpty());
  EXPECT_THAT(of(user("/cart/${env.ID}")), ::testing::SizeIs(1));
}

TEST_F(MissingHosts, AreFoundInWhateverStepsAUserMayRun) {
  EXPECT_THAT(of("steps:\n  login:\n    - if: true\n      then:\n        - get: /login\n"
                 "users:\n  U:\n    on_start:\n      - run: login\n      - run: login\n"
                 "    tasks:\n      t:\n        - get: http://shop/\n"),
              ElementsAre(HasSubstr("f.yaml:5:11: user class 'U' has no host, which the URL "
                                    "'/login' needs")));
  EXPECT_THAT(of("test_start:\n  - get: /reset\n" + user("http://shop/")),
              ElementsAre(HasSubstr("'test_start' has no host, which the URL '/reset' needs")));
}

TEST_F(MissingHosts, OnlyClassesThatCountAreAskedFor) {
  const ParsedScenario parsed = parse_scenario({{"f.yaml", user("/cart")}});
  EXPECT_THAT(missing_hosts(parsed.scenario, [](const UserClassSpec&) { return false; }),
              IsEmpty());
}

TEST(ScenarioHost, OneThatLeadsNowhereIsAnErrorOfTheFile) {
  const std::string rest = "users:\n  U:\n    tasks:\n      t:\n        - get: /\n";
  EXPECT_THAT(parse_scenario({{"f.yaml", "host: localhost:8080\n" + rest}}).errors,
              ElementsAre("f.yaml:1:7: 'host': 'localhost:8080' has no scheme; write "
                          "http://localhost:8080"));
  EXPECT_THAT(parse_scenario({{"f.yaml", "host: ${env.HOST}\n" + rest}}).errors, IsEmpty());
}

}  // namespace
}  // namespace locust
