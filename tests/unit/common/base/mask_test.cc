// What is masked, and what is not.
#include "common/base/mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/credential_names.h"
#include "common/stats/mask_stats.h"

namespace locust {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(CredentialNames, AreRecognisedWhateverTheirSpelling) {
  for (const char* name : {"Authorization",
                           "proxy-authorization",
                           "Cookie",
                           "Set-Cookie",
                           "X-Api-Key",
                           "x_api_key",
                           "apiKey",
                           "XAPIKey",
                           "key",
                           "X-Auth-Token",
                           "Client-Secret",
                           "access_token",
                           "accessToken",
                           "password",
                           "PASSWD",
                           "pwd",
                           "user[pin]",

                           "otp",
                           "PHPSESSID",
                           "JSESSIONID",
                           "session_id",
                           "connect.sid",
                           "X-Amz-Signature",
                           "X-Amz-Security-Token",
                           "sig",
                           "csrf",
                           "auth",
                           "json('/access_token')",
                           "refresh tokens",
                           "AWSAccessKeyId",
                           "private-key",
                           "user.credentials",
                           "code_verifier",
                           "id_token"}) {
    EXPECT_TRUE(carries_credentials(name)) << name;
  }
}

TEST(CredentialNames, AreNotSeenInOtherWords) {
  for (const char* name : {"",
                           "id",
                           "author",
                           "authority",
                           "monkey",
                           "keyboard",
                           "keys",
                           "primary_key",
                           "foreignKey",
                           "Idempotency-Key",
                           "KeyError",
                           "InvalidTokenError",
                           "token_type",
                           "token_expires",
                           "sessionTimeout",
                           "password_policy",
                           "passenger",
                           "spin",
                           "design",
                           "page",
                           "code",
                           "status",
                           "WWW-Authenticate",
                           "Content-Type",
                           "max-age"}) {
    EXPECT_FALSE(carries_credentials(name)) << name;
  }
}

TEST(MaskCredentials, OfQueriesAndForms) {
  const auto line = [](std::string_view text) { return mask_credentials(text, TextKind::kLine); };
  EXPECT_EQ(line("GET http://h/p?token=abc&page=2&api_key=x,y)z#top"),
            "GET http://h/p?token=***&page=2&api_key=***#top");
  EXPECT_EQ(line("user=ada&password=a%20b&max_tokens=25"), "user=ada&password=***&max_tokens=25");
  EXPECT_EQ(line("user[pin]=1&user%5Bpin%5D=2"), "user[pin]=***&user%5Bpin%5D=***");
  EXPECT_EQ(line("HTTPError('404 Client Error: Not Found for url: /p?sig=abc')"),
            "HTTPError('404 Client Error: Not Found for url: /p?sig=***')");
  EXPECT_EQ(line("next=https%3A%2F%2Fx%2F%3Ftoken%3Dabc%26page%3D5&z=1"),
            "next=https%3A%2F%2Fx%2F%3Ftoken%3D***%26page%3D5&z=1");
  EXPECT_EQ(line("q=%7B%22password%22%3A%22a%20b%22%2C%22n%22%3A1%7D"),
            "q=%7B%22password%22%3A%22***%22%2C%22n%22%3A1%7D");
  EXPECT_EQ(mask_credentials("password=it's \"mine\" <3&page=2", TextKind::kForm),
            "password=***&page=2");
}

TEST(MaskCredentials, OfJsonAtAnyDepthAndWithoutItsEnd) {
  const auto body = [](std::string_view text) {
    return mask_credentials(text, TextKind::kDocument);
  };
  EXPECT_EQ(body(R"({"user": {"name": "ada", "password": "a \" b"}, "n": 1})"),
            R"({"user": {"name": "ada", "password": "***"}, "n": 1})");
  EXPECT_EQ(
      body(
          R"({"pin" : 1234, "token": null, "has_password":true, "cookies": [{"a": "b"}], "n": 1})"),
      R"({"pin" : ***, "token": null, "has_password":true, "cookies": "***", "n": 1})");
  EXPECT_EQ(body(R"({"usage": {"total_tokens": 52}, "key": "color", "token_type": "bearer"})"),
            R"({"usage": {"total_tokens": 52}, "key": "color", "token_type": "bearer"})");
  EXPECT_EQ(body(R"({"n": 1, "access_token": "abc)"), R"({"n": 1, "access_token": "***)");
  EXPECT_EQ(body(R"({"tokens": [{"a": "abc)"), R"({"tokens": "***")");
  EXPECT_EQ(body(R"({"body": "{\"password\":\"abc\",\"n\":1}"})"),
            R"({"body": "{\"password\":\"***\",\"n\":1}"})");
  EXPECT_EQ(body(R"({"url": "http:\/\/h?token\u003dabc\u0026page\u003d5"})"),
            R"({"url": "http:\/\/h?token\u003d***\u0026page\u003d5"})");
  EXPECT_EQ(body(R"([{"name": "password", "value": "abc"}, {"name": "page", "value": "2"}])"),
            R"([{"name": "password", "value": "***"}, {"name": "page", "value": "2"}])");
}

TEST(MaskCredentials, OfPythonAndSentences) {
  const auto line = [](std::string_view text) { return mask_credentials(text, TextKind::kLine); };
  EXPECT_EQ(line(R"(post("/in", json={"password": "abc"}, headers={'Cookie': 'a=b'}, timeout=5))"),
            R"(post("/in", json={"password": "***"}, headers={'Cookie': '***'}, timeout=5))");
  EXPECT_EQ(line(R"(get("/", auth=("ada", "abc"), cookies={"a": "b"}) password=b'abc' n=1)"),
            R"(get("/", auth=***, cookies=***) password=b'***' n=1)");
  EXPECT_EQ(line(R"(row["password"] = 'a b', token == "x")"),
            R"(row["password"] = '***', token == "***")");
  EXPECT_EQ(line(R"(password="""a "b" c""" n=1)"), R"(password="""***""" n=1)");
  EXPECT_EQ(line("got token: abc123def and no session: timeout"),
            "got token: *** and no session: timeout");
  EXPECT_EQ(line("Authorization: Negotiate YIIabc== x\nnext"), "Authorization: ***\nnext");
  EXPECT_EQ(line("curl -H 'Cookie: sid=5; b=7' x"), "curl -H 'Cookie: ***' x");
}

// What our own lines and stock's texts look like.
TEST(MaskCredentials, LeavesWhatNamesNoValue) {
  for (const std::string_view text :
       {"First failure of POST create_session: LocustBadStatusCode(code=401)",
        "First failure of POST authorization: HTTPError('401 Client Error: no for url: /token')",
        "POST /session/token: reset password: OSError(24, 'Too many open files')",
        "KeyError: 'token'", "<requests.sessions.Session object at 0x7f> failed: reason",
        "RetriesExceeded('http://127.0.0.1:8080/login', 0, original=timed out)", "cookies: a, b",
        "Basic authentication is required, or a Bearer token",
        "[12:30:05] host:8089 http://user@host:80/a:b@c", "session: started"}) {
    EXPECT_EQ(mask_credentials(text, TextKind::kLine), text);
  }
}

TEST(MaskCredentials, OfHeaderLinesInDocuments) {
  EXPECT_EQ(mask_credentials("GET /\r\nX-Token: a b\r\n  cookie: x\nAccept: y\npassword: p w",
                             TextKind::kDocument),
            "GET /\r\nX-Token: ***\r\n  cookie: ***\nAccept: y\npassword: ***");
}

TEST(MaskCredentials, OfElementsAndPartsOfForms) {
  const auto body = [](std::string_view text) {
    return mask_credentials(text, TextKind::kDocument);
  };
  EXPECT_EQ(body("<a><w:Password Type=\"t\"> abc</w:Password><n>1</n></a>"),
            "<a><w:Password Type=\"t\"> ***</w:Password><n>1</n></a>");
  EXPECT_EQ(body("<secret><![CDATA[a<b]]></secret>"), "<secret><![CDATA[***]]></secret>");
  EXPECT_EQ(body("<input name=\"csrf_token\" value=\"abc\"><input value=abc type='password'>"
                 "<input name=\"page\" value=\"2\">"),
            "<input name=\"csrf_token\" value=\"***\"><input value=*** type='password'>"
            "<input name=\"page\" value=\"2\">");
  EXPECT_EQ(body("--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\na\r\nb\r\n--b\r\n"
                 "Content-Disposition: form-data; name=\"page\"\r\n\r\n2\r\n--b--\r\n"),
            "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n***\r\n--b\r\n"
            "Content-Disposition: form-data; name=\"page\"\r\n\r\n2\r\n--b--\r\n");
  EXPECT_EQ(body("--b\r\nContent-Disposition: form-data; name=\"secret\"; filename=\"a\"\r\n"
                 "Content-Type: text/plain\r\n\r\nab"),
            "--b\r\nContent-Disposition: form-data; name=\"secret\"; filename=\"a\"\r\n"
            "Content-Type: text/plain\r\n\r\n***");
}

TEST(MaskCredentials, ByShapeAnywhere) {
  const auto line = [](std::string_view text) { return mask_credentials(text, TextKind::kLine); };
  EXPECT_EQ(line("https://ada:a@b@h/x http://a:b@h"), "https://ada:***@h/x http://a:***@h");
  EXPECT_EQ(line("sent bearer abc.def-1 and Basic YWRhOng1 twice"),
            "sent bearer *** and Basic *** twice");
  EXPECT_EQ(line("id eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln-x_ end"), "id *** end");
  EXPECT_EQ(line("cursor eyJpZCI6NX0 ."), "cursor eyJpZCI6NX0 .");
}

TEST(MaskCredentials, OfATextThatWasCutAlsoWhatOnlyBegins) {
  const auto cut = [](std::string_view text) {
    return mask_credentials(text, TextKind::kDocument, true);
  };
  EXPECT_EQ(cut("a eyJhbG"), "a ***");
  EXPECT_EQ(cut("a Bearer ab"), "a Bearer ***");
  EXPECT_EQ(cut("http://ada:hun"), "http://ada:***");
  EXPECT_EQ(cut("http://host:80"), "http://host:80");
  EXPECT_EQ(cut("{\"token\": nul"), "{\"token\": ***");
}

// Nothing of a planted secret is left wherever the text ends.
TEST(MaskCredentials, NoCutShowsPartOfAValue) {
  const std::string text =
      "{\"password\": \"hunter2hunter2\", \"url\": \"http://h/?sig=hunter2hunter2\"}"
      "<token>hunter2hunter2</token>&pin=hunter2hunter2&x=\nAuthorization: hunter2hunter2";
  for (std::size_t end = 0; end <= text.size(); ++end) {
    const std::string shown =
        mask_credentials(std::string_view(text).substr(0, end), TextKind::kDocument, true);
    EXPECT_EQ(shown.find("hun"), std::string::npos) << shown;
  }
}

// A scan that is not linear would take minutes for each of these.
TEST(MaskCredentials, TakesTimeAndMemoryByTheLengthOfTheText) {
  std::vector<std::string> units = {"\"token\":",
                                    "token:",
                                    "{\"pin\":[",
                                    "name=\"password\" form-data",
                                    "<input ",
                                    "<token>",
                                    "a://b:c",
                                    "%22pin%22%3A",
                                    "Bearer ",
                                    "eyJ.",
                                    "\\\"pin\\\":\\\"",
                                    "sid=",
                                    "\\\\\\\\",
                                    "=",
                                    ":",
                                    "key==\""};
  for (const std::string& unit : units) {
    std::string text;
    while (text.size() < 400'000) text += unit;
    EXPECT_LE(mask_credentials(text, TextKind::kDocument, true).size(), 2 * text.size() + 16)
        << unit;
  }
}

TEST(Masker, MasksASecretWhateverItIsWrittenAs) {
  Masker masker;
  EXPECT_FALSE(masker.has_declared());
  masker.add_secret("pa/ss \"wörd\" & <x>");
  EXPECT_TRUE(masker.has_declared());
  for (const char* text : {
           "raw pa/ss \"wörd\" & <x> end",
           "quoted pa%2Fss%20%22w%C3%B6rd%22%20%26%20%3Cx%3E end",
           "path pa/ss%20%22w%C3%B6rd%22%20%26%20%3Cx%3E end",
           "lower pa%2fss%20%22w%c3%b6rd%22%20%26%20%3cx%3e end",
           "plus pa%2Fss+%22w%C3%B6rd%22+%26+%3Cx%3E end",
           "json pa/ss \\\"wörd\\\" & <x> end",
           "ascii pa/ss \\\"w\\u00f6rd\\\" & <x> end",
           "slashes pa\\/ss \\\"wörd\\\" & <x> end",
           "html pa/ss &quot;wörd&quot; &amp; &lt;x&gt; end",
           "numbers pa/ss &#34;wörd&#34; &amp; &lt;x&gt; end",
       }) {
    EXPECT_THAT(masker.masked(text), ::testing::MatchesRegex("[a-z]+ \\*\\*\\* end"));
  }
}

TEST(Masker, MasksASecretWithinBase64) {
  Masker masker;
  masker.add_secret("xyzzy-plugh");
  // a:, ab: and abc: before it, and something behind.
  for (const char* text : {"YTp4eXp6eS1wbHVnaA==", "YWI6eHl6enktcGx1Z2g=", "YWJjOnh5enp5LXBsdWdo",
                           "YTp4eXp6eS1wbHVnaDsx"}) {
    const std::string shown = masker.masked(text);
    EXPECT_THAT(shown, HasSubstr("***")) << text;
    EXPECT_LE(shown.size(), 3U + 3U + 8U) << shown;
  }
}

TEST(Masker, AShortSecretIsAWord) {
  Masker masker;
  masker.add_secret("k1");
  masker.add_secret("none");
  masker.add_secret("");
  EXPECT_EQ(masker.masked("k1 /k1/ k12 ak1 none"), "*** /***/ k12 ak1 none");
}

TEST(Masker, TheLongerOfTwoSecretsComesFirst) {
  Masker masker;
  masker.add_secret("abcd");
  masker.add_secret("abcdefgh");
  EXPECT_EQ(masker.masked("abcdefgh abcd"), "*** ***");
}

TEST(Masker, FindsABegunSecretWhereATextIsCut) {
  Masker masker;
  masker.add_secret("xyzzy-plugh");
  EXPECT_EQ(masker.masked("say xyzzy-pl", TextKind::kLine, true), "say ***");
  EXPECT_EQ(masker.masked("say xyzzy-pl"), "say xyzzy-pl");
}

TEST(Masker, MasksPatternsOrTheirGroups) {
  Masker masker;
  ASSERT_TRUE(masker.add_pattern("[0-9]{4}-[0-9]{4}"));
  ASSERT_TRUE(masker.add_pattern("card=([a-z]+)(x)?"));
  EXPECT_EQ(masker.masked("a 1234-5678 b 1234-5678, card=abc card=de1"),
            "a *** b ***, card=*** card=***1");
}

TEST(Masker, RefusesAPatternThatIsNoneOrMatchesEverywhere) {
  Masker masker;
  const auto broken = masker.add_pattern("a(b");
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error(), HasSubstr("'a(b' is not a regular expression: missing ): a(b"));
  const auto empty = masker.add_pattern("x*");
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error(), HasSubstr("'x*' matches an empty text"));
}

TEST(Masker, MasksWhatFollowsTooManyMatches) {
  Masker masker;
  ASSERT_TRUE(masker.add_pattern("[ab]"));
  EXPECT_LT(masker.masked(std::string(100'000, 'a')).size(), 4'000U);
}

TEST(Masker, LeavesNamesOfRequestsButForWhatWasDeclared) {
  Masker masker;
  masker.add_secret("xyzzy");
  EXPECT_EQ(masker.without_declared("/a?token=abc&x=xyzzy"), "/a?token=abc&x=***");
}

TEST(MaskedHead, LooksBeyondItsEnd) {
  add_secrets({"plugh-plover"});
  const std::string text = std::string(95, '.') + "plugh-plover and more";
  EXPECT_EQ(masked_head(text, 100), std::string(95, '.') + "*** a");
  EXPECT_EQ(masked_head(text.substr(0, 100), 100, TextKind::kLine, true),
            std::string(95, '.') + "***");
}

TEST(MaskReport, MasksTextsNamesAndEvidenceAndTheirKeys) {
  StatsReport report{{StatsEntry("/xyzzy", "GET", 1)}, StatsEntry("Aggregated", "", 1), {}};
  const auto exchange =
      std::make_shared<const FailedExchange>(FailedExchange{"GET /?pin=1\nCookie: a\n",
                                                            "HTTP 500\nSet-Cookie: a\n",
                                                            "{\"token\": \"a\"}",
                                                            {"x = 'xyzzy'"}});
  report.errors.push_back({"key", {"/xyzzy", "GET", "no for /?sig=abc", 2, 1.0, 1.0, exchange}});
  report.errors.push_back({"other", {"/", "GET", "plain", 1, 1.0, 1.0, nullptr}});
  Masker masker;
  masker.add_secret("xyzzy");
  mask_report(report, masker, EvidenceLevel::kFull);
  EXPECT_EQ(report.stats[0].name, "/***");
  const auto& [key, error] = report.errors[0];
  EXPECT_EQ(error.name, "/***");
  EXPECT_EQ(error.error, "no for /?sig=***");
  EXPECT_EQ(key, StatsError::create_key("GET", "/***", "no for /?sig=***"));
  EXPECT_EQ(
      error.exchange->to_text(""),
      "GET /?pin=***\nCookie: ***\nHTTP 500\nSet-Cookie: ***\n{\"token\": \"***\"}\nwhere x = "
      "'***'\n");
  EXPECT_EQ(report.errors[1].first, "other") << "a text without secrets keeps its key";
  mask_report(report, masker, EvidenceLevel::kHead);
  EXPECT_EQ(report.errors[0].second.exchange->to_text(""),
            "GET /?pin=***\nCookie: ***\nHTTP 500\nSet-Cookie: ***\n");
  mask_report(report, masker, EvidenceLevel::kNone);
  EXPECT_EQ(report.errors[0].second.exchange, nullptr);
}

}  // namespace
}  // namespace locust
