// A user's own cookies and those that it keeps of servers, the request's cookies beside them, new
// sessions, and digest authentication.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <regex>

#include "tests/unit/worker/http/http_fixture.h"

namespace locust::worker {
namespace {

class HttpCookieTest : public HttpFixture {
 protected:
  HttpCookieTest() {
    server.on("/", Server::ok("ok"));
    server.on("/set", Server::ok("ok", "Set-Cookie: sid=server; Path=/\r\n"));
    server.on("/unset", Server::ok("ok", "Set-Cookie: sid=; Path=/; Max-Age=0\r\n"));
    server.on("/there", Server::redirect(302, "/"));
  }
  std::string sent(Browser& b, const std::string& target = "/") {
    fetch(b, server.url(target));
    return server.requests().back().header("Cookie").value_or("-");
  }
  void set(Browser& b, const std::string& name, std::optional<std::string> value,
           const std::string& host = "127.0.0.1") {
    b.client->set_cookie(host, false, {name, std::move(value)});
  }
};

TEST_F(HttpCookieTest, ACookieOfTheUserIsTheHostsToChangeAndDelete) {
  auto b = browser();
  set(*b, "sid", "mine");
  EXPECT_EQ(sent(*b), "sid=mine");
  sent(*b, "/set");
  EXPECT_EQ(sent(*b), "sid=server");
  set(*b, "sid", "again");
  EXPECT_EQ(sent(*b), "sid=again");
  sent(*b, "/unset");
  EXPECT_EQ(sent(*b), "-");
}

TEST_F(HttpCookieTest, ACookieGoesToItsHostOrWithoutOneToAll) {
  auto b = browser();
  set(*b, "a", "1", "other.example");
  EXPECT_EQ(sent(*b), "-");
  set(*b, "b", "2", "");
  EXPECT_EQ(sent(*b), "b=2");
  set(*b, "b", std::nullopt, "");
  EXPECT_EQ(sent(*b), "-");
}

TEST_F(HttpCookieTest, NullRemovesWhatTheServerHasSet) {
  auto b = browser();
  sent(*b, "/set");
  EXPECT_EQ(sent(*b), "sid=server");
  set(*b, "sid", std::nullopt);
  EXPECT_EQ(sent(*b), "-");
}

TEST_F(HttpCookieTest, TheRequestsCookiesReplaceTheUsersForThatRequest) {
  auto b = browser();
  set(*b, "sid", "mine");
  set(*b, "other", "1");
  b->request().cookies = {{"sid", "request"}, {"extra", "x"}};
  EXPECT_EQ(sent(*b), "other=1; sid=request; extra=x");
  b->request().cookies = {{"sid", std::nullopt}};
  EXPECT_EQ(sent(*b), "other=1");
  b->request().cookies.clear();
  EXPECT_THAT(sent(*b), testing::AnyOf("sid=mine; other=1", "other=1; sid=mine"));
}

TEST_F(HttpCookieTest, WhatTheServerSetsDuringSuchARequestStays) {
  auto b = browser();
  set(*b, "sid", "mine");
  b->request().cookies = {{"sid", "request"}};
  EXPECT_EQ(sent(*b, "/set"), "sid=request");
  b->request().cookies.clear();
  EXPECT_EQ(sent(*b), "sid=server");
}

TEST_F(HttpCookieTest, ACancelledOrFailedRequestGivesTheUsersCookiesBack) {
  auto b = browser();
  set(*b, "sid", "mine");
  sent(*b);
  server.on("/silent", Server::Reply{});
  server.on("/close", {"", Then::kClose});
  b->request().cookies = {{"sid", "request"}};
  start(*b, server.url("/silent"));
  run_until([&] { return server.requests().size() == 2; });
  engine->cancel(b->exchange);
  EXPECT_EQ(sent(*b, "/close"), "sid=request");
  b->request().cookies = {{"sid", "bad;"}};
  EXPECT_EQ(fetch(*b, server.url("/")).error_text,
            "ValueError(\"invalid value for cookie 'sid'\")");
  b->request().cookies.clear();
  EXPECT_EQ(sent(*b), "sid=mine");
}

TEST_F(HttpCookieTest, RedirectsKeepTheRequestsCookiesWithinTheOrigin) {
  Server other(loop);
  other.on("/", Server::ok("other"));
  server.on("/away", Server::redirect(302, other.url("/")));
  auto b = browser();
  b->request().cookies = {{"sid", "request"}};
  EXPECT_EQ(sent(*b, "/there"), "sid=request");
  fetch(*b, server.url("/away"));
  EXPECT_FALSE(other.requests().back().header("Cookie"));
}

TEST_F(HttpCookieTest, ANewSessionForgetsCookiesAndConnections) {
  auto b = browser();
  sent(*b, "/set");
  set(*b, "early", "1");
  b->client->reset();
  set(*b, "late", "2");
  EXPECT_EQ(sent(*b), "late=2");
  EXPECT_EQ(server.requests().back().connection, 2);
  EXPECT_EQ(sent(*b), "late=2");
  EXPECT_EQ(server.requests().back().connection, 2);
}

class HttpJarTest : public HttpCookieTest {
 protected:
  HttpJarTest() {
    server.on("/login",
              Server::ok("ok",
                         "Set-Cookie: csrftoken=t0k; Path=/; Max-Age=3600; SameSite=Lax\r\n"
                         "Set-Cookie: sessionid=\"a b\"; Path=/; HttpOnly\r\n"
                         "Set-Cookie: cart=; Path=/shop\r\n"));
  }
  static std::vector<std::string> names(Browser& b) {
    std::vector<std::string> names;
    for (const KeptCookie& cookie : b.client->cookies()) names.push_back(cookie.name);
    return names;
  }
  static KeptCookie own(const std::string& name, const std::string& value) {
    return {.domain = "127.0.0.1", .name = name, .value = value};
  }
};

TEST_F(HttpJarTest, ShowsWhatServersAndTheTestHaveSet) {
  auto b = browser();
  EXPECT_TRUE(b->client->cookies().empty());
  sent(*b, "/login");
  auto cookies = b->client->cookies();
  ASSERT_EQ(cookies.size(), 3U);
  EXPECT_GT(std::exchange(cookies[0].expires, 0), 1'700'000'000);
  EXPECT_EQ(cookies[0], own("csrftoken", "t0k"));
  KeptCookie session = own("sessionid", "\"a b\"");
  session.http_only = true;
  EXPECT_EQ(cookies[1], session);
  KeptCookie cart = own("cart", "");
  cart.path = "/shop";
  EXPECT_EQ(cookies[2], cart);
  set(*b, "mine", "1");
  EXPECT_THAT(names(*b), testing::ElementsAre("csrftoken", "sessionid", "cart", "mine"));
  auto other = browser();
  EXPECT_TRUE(other->client->cookies().empty());
}

TEST_F(HttpJarTest, ACookieIsReplacedAndRemovedByDomainPathAndName) {
  auto b = browser();
  sent(*b, "/login");
  EXPECT_TRUE(b->client->keep_cookie(own("csrftoken", "new")));
  KeptCookie elsewhere = own("csrftoken", "deep");
  elsewhere.path = "/deep";
  EXPECT_TRUE(b->client->keep_cookie(elsewhere));
  EXPECT_THAT(sent(*b), testing::AnyOf("sessionid=\"a b\"; csrftoken=new",
                                       "csrftoken=new; sessionid=\"a b\""));
  elsewhere.expires = 1;
  EXPECT_TRUE(b->client->keep_cookie(elsewhere));
  KeptCookie session = own("sessionid", "");
  session.expires = 1;
  EXPECT_TRUE(b->client->keep_cookie(session));
  EXPECT_THAT(names(*b), testing::ElementsAre("csrftoken", "cart"));
  EXPECT_EQ(sent(*b), "csrftoken=new");
  EXPECT_THAT(names(*b), testing::ElementsAre("csrftoken", "cart"));
}

TEST_F(HttpJarTest, ADomainsCookieIsShownAsSuch) {
  auto b = browser();
  const KeptCookie cookie{.domain = "shop.example",
                          .subdomains = true,
                          .path = "/a",
                          .secure = true,
                          .http_only = true,
                          .expires = 4'000'000'000,
                          .name = "a",
                          .value = "1"};
  EXPECT_TRUE(b->client->keep_cookie(cookie));
  EXPECT_THAT(b->client->cookies(), testing::ElementsAre(cookie));
}

TEST_F(HttpJarTest, WhatCannotBeSentIsRefused) {
  auto b = browser();
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"", "x"}, {"a=b", "x"}, {"a;b", "x"}, {"a\tb", "x"}, {"a", "x;y"}, {"a", "x\ny"}}) {
    EXPECT_FALSE(b->client->keep_cookie(own(name, value))) << name << value;
  }
  KeptCookie cookie = own("a", "x");
  for (const char* domain : {"", "#c", ".c", "c\td"}) {
    cookie.domain = domain;
    EXPECT_FALSE(b->client->keep_cookie(cookie)) << domain;
  }
  cookie = own("a", "x");
  for (const char* path : {"", "/\ta"}) {
    cookie.path = path;
    EXPECT_FALSE(b->client->keep_cookie(cookie)) << path;
  }
  EXPECT_TRUE(b->client->cookies().empty());
}

TEST_F(HttpJarTest, ClearingForgetsCookiesButNotConnections) {
  auto b = browser();
  set(*b, "early", "1");
  sent(*b, "/login");
  b->client->clear_cookies();
  EXPECT_EQ(sent(*b), "-");
  EXPECT_EQ(server.requests().back().connection, 1);
  EXPECT_TRUE(b->client->cookies().empty());
}

TEST_F(HttpJarTest, CountsWhileARequestIsInFlight) {
  auto b = browser();
  sent(*b, "/login");
  server.on("/silent", Server::Reply{});
  start(*b, server.url("/silent"));
  run_until([&] { return server.requests().size() == 2; });
  EXPECT_THAT(names(*b), testing::ElementsAre("csrftoken", "sessionid", "cart"));
  b->client->clear_cookies();
  EXPECT_TRUE(b->client->keep_cookie(own("a", "1")));
  EXPECT_EQ(names(*b), std::vector<std::string>{"a"});
  engine->cancel(b->exchange);
  EXPECT_EQ(sent(*b), "a=1");
}

TEST_F(HttpJarTest, ShowsNoMoreThanAFewThousand) {
  auto b = browser();
  for (int i = 0; i < 3100; ++i) b->client->keep_cookie(own("n" + std::to_string(i), "v"));
  EXPECT_EQ(b->client->cookies().size(), 3000U);
}

std::string md5(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr);
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += kHex[digest[i] >> 4U];
    out += kHex[digest[i] & 15U];
  }
  return out;
}

// RFC 7616 with MD5 and qop=auth, for the user "u" with the password "secret".
bool is_right(const std::string& authorization, const std::string& method,
              const std::string& target) {
  const auto field = [&](const std::string& name) {
    std::smatch match;
    const std::regex pattern("[ ,]" + name + "=\"?([^\",]*)");
    return std::regex_search(authorization, match, pattern) ? match[1].str() : "";
  };
  const std::string expected = md5(md5("u:shop:secret") + ":" + field("nonce") + ":" + field("nc") +
                                   ":" + field("cnonce") + ":auth:" + md5(method + ":" + target));
  return field("username") == "u" && field("response") == expected;
}

class HttpDigestTest : public HttpFixture {
 protected:
  HttpDigestTest() {
    server.on("/", [](const Server::Request& request) {
      const auto authorization = request.header("Authorization");
      if (authorization && is_right(*authorization, request.method, "/"))
        return Server::ok("welcome " + request.body);
      return Server::Reply{
          "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n"
          "WWW-Authenticate: Digest realm=\"shop\", nonce=\"n1\", qop=\"auth\"\r\n\r\nno"};
    });
  }
};

TEST_F(HttpDigestTest, AnswersTheChallengeWithinOneRequest) {
  auto b = browser();
  b->request().digest = {"u", "secret"};
  EXPECT_EQ(fetch(*b, server.url("/")).status, 200);
  EXPECT_EQ(b->response().body, "welcome ");
  EXPECT_EQ(b->response().content_length, 8U) << "the challenge's body is not the response's";
  EXPECT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(fetch(*b, server.url("/")).status, 200);
  EXPECT_EQ(server.requests().size(), 3U) << "the nonce is known now";
}

TEST_F(HttpDigestTest, PostsTheBodyOnceItIsLetIn) {
  auto b = browser();
  b->request().method = "POST";
  b->request().body = "order";
  b->request().digest = {"u", "secret"};
  EXPECT_EQ(fetch(*b, server.url("/")).body, "welcome order");
}

TEST_F(HttpDigestTest, SendsTheFilesOfABodyAgain) {
  TemporaryFolder folder;
  auto b = browser();
  b->request().method = "POST";
  b->request().body_parts = {{.text = "<"}, {.file = folder.write("a.txt", "order")}};
  b->request().digest = {"u", "secret"};
  EXPECT_EQ(fetch(*b, server.url("/")).body, "welcome <order");
  EXPECT_EQ(fetch(*b, server.url("/")).body, "welcome <order");
}

TEST_F(HttpDigestTest, AWrongPasswordIsAResponseOf401) {
  auto b = browser();
  b->request().digest = {"u", "wrong"};
  EXPECT_EQ(fetch(*b, server.url("/")).status, 401);
  EXPECT_EQ(server.requests().size(), 2U);
  b->request().digest.reset();
  EXPECT_EQ(fetch(*b, server.url("/")).status, 401);
  EXPECT_FALSE(server.requests().back().header("Authorization"));
}

}  // namespace
}  // namespace locust::worker
