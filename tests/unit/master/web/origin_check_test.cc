#include "master/web/origin_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "common/base/sysinfo.h"

namespace locust::master::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

enum class Asks { kRead, kChange };

Request request(Fields headers) {
  return {.method = "GET", .path = "/", .headers = std::move(headers)};
}

bool passes(const OriginCheck& check, Fields headers, Asks asks = Asks::kRead) {
  return !check.refusal(request(std::move(headers)), asks == Asks::kChange);
}

OriginCheck allowing(std::vector<std::string> hosts) {
  auto parsed = parse_allowed_hosts(hosts);
  EXPECT_TRUE(parsed) << parsed.error();
  return OriginCheck(*std::move(parsed));
}

// ---- The Host header ----

TEST(OriginCheck, AnswersUnderTheNamesOfThisMachine) {
  const OriginCheck check;
  for (const std::string& host :
       {std::string("localhost"), std::string("localhost:8089"), std::string("LocalHost."),
        std::string("a.localhost"), std::string("127.0.0.1:8089"), std::string("10.1.2.3"),
        std::string("[::1]:8089"), std::string("[fe80::1]"), host_name(), host_name() + ":1",
        short_host_name() + ".local"}) {
    EXPECT_TRUE(passes(check, {{"host", host}})) << host;
  }
}

TEST(OriginCheck, ANameOfAnotherSiteMayResolveToThisMachine) {
  const OriginCheck check;
  for (const char* host : {"rebind.evil.example", "rebind.evil.example:8089",
                           "localhost.evil.example", "127.0.0.1.evil.example", "notlocalhost",
                           "locust-master", "a@localhost", "[::1", "[x]:1"}) {
    EXPECT_FALSE(passes(check, {{"host", host}})) << host;
  }
}

TEST(OriginCheck, AClientWithoutAHostHeaderIsNoBrowser) {
  EXPECT_TRUE(passes(OriginCheck(), {}));
  EXPECT_TRUE(passes(OriginCheck(), {}, Asks::kChange));
}

TEST(OriginCheck, NamesCanBeAllowed) {
  const OriginCheck check =
      allowing({"Locust.Example.com, locust-master", ".team.example", "*.wild.example"});
  for (const char* host : {"locust.example.com", "LOCUST.EXAMPLE.COM.:80", "locust-master:8089",
                           "team.example", "a.b.team.example", "x.wild.example"}) {
    EXPECT_TRUE(passes(check, {{"host", host}})) << host;
  }
  for (const char* host : {"x.locust.example.com", "example.com", "notteam.example", "wild.example",
                           ".wild.example.evil"}) {
    EXPECT_FALSE(passes(check, {{"host", host}})) << host;
  }
}

TEST(OriginCheck, WhatTheOperatorHasSaidElsewhereIsAllowedToo) {
  OriginCheck check;
  check.allow("locust.corp");
  check.allow("https://Load.Example.com:8443/locust");
  check.allow("page.example/locust");
  check.allow("*");
  check.allow("");
  for (const char* host : {"locust.corp", "load.example.com", "page.example"}) {
    EXPECT_TRUE(passes(check, {{"host", host}})) << host;
  }
  EXPECT_FALSE(passes(check, {{"host", "other.example"}}));
}

TEST(OriginCheck, ARefusalNamesTheRemedy) {
  const auto refusal = OriginCheck().refusal(request({{"host", "locust-master:8089"}}), false);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(
      *refusal,
      "This master does not answer under the name 'locust-master'. If it is one of its names, "
      "give locust-master to --web-allowed-hosts (LOCUST_WEB_ALLOWED_HOSTS)");
  const auto escaped = OriginCheck().refusal(request({{"host", "a\x1b[2J"}}), false);
  EXPECT_THAT(escaped.value_or(""), HasSubstr("'a\\x1b[2j'"));
}

// ---- The site that asks ----

struct Case {
  const char* what;
  Fields headers;
  bool may_read;
  bool may_change;
};

// The name of a test in ctest.
void PrintTo(const Case& asked, std::ostream* out) { *out << asked.what; }

class SitesTest : public testing::TestWithParam<Case> {};

TEST_P(SitesTest, MayReadAndChangeWhatIsTheirs) {
  const OriginCheck check = allowing({"locust.example.com"});
  const Case& asked = GetParam();
  EXPECT_EQ(passes(check, asked.headers), asked.may_read) << asked.what;
  EXPECT_EQ(passes(check, asked.headers, Asks::kChange), asked.may_change) << asked.what;
}

INSTANTIATE_TEST_SUITE_P(
    All, SitesTest,
    testing::Values(Case{"curl and scripts", {{"host", "10.0.0.1:8089"}}, true, true},
                    Case{"an address that was typed",
                         {{"host", "localhost:8089"}, {"sec-fetch-site", "none"}},
                         true,
                         true},
                    Case{"the page, by https or on localhost",
                         {{"host", "localhost:8089"},
                          {"origin", "http://localhost:8089"},
                          {"sec-fetch-site", "same-origin"}},
                         true,
                         true},
                    Case{"the page, by http elsewhere",
                         {{"host", "10.0.0.1:8089"}, {"origin", "http://10.0.0.1:8089"}},
                         true,
                         true},
                    Case{"the page on the scheme's port",
                         {{"host", "10.0.0.1"}, {"origin", "http://10.0.0.1"}},
                         true,
                         true},
                    Case{"the page behind a proxy that speaks TLS",
                         {{"host", "locust.example.com"}, {"origin", "https://locust.example.com"}},
                         true,
                         true},
                    Case{"the page by IPv6",
                         {{"host", "[::1]:8089"}, {"origin", "http://[::1]:8089"}},
                         true,
                         true},
                    Case{"a proxy that passes another Host on, of an allowed name",
                         {{"host", "127.0.0.1:8089"}, {"origin", "https://locust.example.com"}},
                         true,
                         true},
                    Case{"the same, of a name that only the browser knows",
                         {{"host", "127.0.0.1:8089"},
                          {"origin", "https://forwarded.example"},
                          {"sec-fetch-site", "same-origin"}},
                         true,
                         true},
                    Case{"a link of another site",
                         {{"host", "localhost:8089"}, {"sec-fetch-site", "cross-site"}},
                         true,
                         false},
                    Case{"an image of a page on another port",
                         {{"host", "localhost:8089"}, {"sec-fetch-site", "same-site"}},
                         true,
                         false},
                    Case{"what another site sends",
                         {{"host", "localhost:8089"},
                          {"origin", "http://evil.example"},
                          {"sec-fetch-site", "cross-site"}},
                         false,
                         false},
                    Case{"the same by a browser without Sec-Fetch-Site",
                         {{"host", "10.0.0.1:8089"}, {"origin", "http://evil.example"}},
                         false,
                         false},
                    Case{"a page of another port of this machine",
                         {{"host", "localhost:8089"}, {"origin", "http://localhost:3000"}},
                         false,
                         false},
                    Case{"a page on the scheme's port of this machine",
                         {{"host", "localhost:8089"}, {"origin", "http://localhost"}},
                         false,
                         false},
                    Case{"a sandboxed frame, or a file",
                         {{"host", "localhost:8089"}, {"origin", "null"}},
                         false,
                         false},
                    Case{"a name that begins like an allowed one",
                         {{"host", "10.0.0.1:8089"},
                          {"origin", "http://locust.example.com.evil.example"}},
                         false,
                         false},
                    Case{"a page of the site itself, under a foreign name",
                         {{"host", "evil.example"},
                          {"origin", "http://evil.example"},
                          {"sec-fetch-site", "same-origin"}},
                         false,
                         false}));

TEST(OriginCheck, AStarRefusesNothing) {
  const OriginCheck check = allowing({"*"});
  EXPECT_TRUE(
      passes(check, {{"host", "a.example"}, {"origin", "http://b.example"}}, Asks::kChange));
  EXPECT_TRUE(
      passes(check, {{"host", "a.example"}, {"sec-fetch-site", "cross-site"}}, Asks::kChange));
}

// ---- --web-allowed-hosts ----

TEST(AllowedHosts, AreListsThatMayBeRepeated) {
  const auto hosts = parse_allowed_hosts({"A.example, b ,,", "10.0.0.1", "[::1]", "*", ""});
  ASSERT_TRUE(hosts) << hosts.error();
  EXPECT_THAT(*hosts, ElementsAre("a.example", "b", "10.0.0.1", "::1", "*"));
}

TEST(AllowedHosts, WhatIsNoHostIsAnErrorThatSaysWhatIs) {
  for (const char* value :
       {"https://a.example", "a.example:8089", "a/b", "a b", "..a", "*a", "."}) {
    const auto hosts = parse_allowed_hosts({value});
    ASSERT_FALSE(hosts) << value;
    EXPECT_THAT(hosts.error(), HasSubstr("--web-allowed-hosts: '"));
    EXPECT_THAT(hosts.error(), HasSubstr("give names alone"));
  }
}

}  // namespace
}  // namespace locust::master::web
