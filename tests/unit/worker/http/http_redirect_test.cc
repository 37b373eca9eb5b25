// Redirects as newest FastHttpUser follows them (geventhttpclient's useragent.py): one chain is one
// exchange.
#include <gtest/gtest.h>

#include "tests/unit/worker/http/http_fixture.h"

namespace locust::worker {
namespace {

class HttpRedirectTest : public HttpFixture {
 protected:
  const Server::Request& seen(std::size_t i) { return server.requests().at(i); }
};

TEST_F(HttpRedirectTest, FollowsAChainAndReportsItsEnd) {
  server.on("/a", Server::redirect(302, "/b", "X: a\r\n"));
  server.on("/b", Server::redirect(301, "c/d?x=1", "X: b\r\n"));
  server.on("/c/d?x=1", Server::ok("end", "X: c\r\n"));
  auto b = browser();
  const HttpResponse& r = fetch(*b, server.url("/a"));
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.body, "end");
  EXPECT_EQ(r.content_length, 3U);
  EXPECT_EQ(r.redirects, 2);
  EXPECT_EQ(r.header("X"), "c");
  EXPECT_EQ(b->exchange.url(), server.url("/c/d?x=1"));
  EXPECT_EQ(b->request().url, server.url("/a"));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpRedirectTest, TimesTheWholeChain) {
  server.on("/a", [this](const Server::Request&) {
    clock.advance(std::chrono::milliseconds(100));
    return Server::redirect(302, "/b");
  });
  server.on("/b", [this](const Server::Request&) {
    clock.advance(std::chrono::milliseconds(50));
    return Server::ok("");
  });
  auto b = browser();
  EXPECT_EQ(fetch(*b, server.url("/a")).response_time, std::chrono::milliseconds(150));
}

TEST_F(HttpRedirectTest, MakesAGetOfAllButHeadOn301To303) {
  server.on("/end", Server::ok(""));
  auto b = browser();
  for (const int status : {301, 302, 303}) {
    server.on("/a", Server::redirect(status, "/end"));
    for (const char* method : {"POST", "PUT", "DELETE", "GET"}) {
      SCOPED_TRACE(std::string(method) + " " + std::to_string(status));
      b->request().method = method;
      b->request().body = "x=1";
      b->request().headers = {{"Content-Type", "text/plain"}, {"X-Kept", "1"}};
      fetch(*b, server.url("/a"));
      const Server::Request& end = server.requests().back();
      EXPECT_EQ(end.method, "GET");
      EXPECT_EQ(end.body, "");
      EXPECT_EQ(end.header("Content-Type"), std::nullopt);
      EXPECT_EQ(end.header("Content-Length"), std::nullopt);
      EXPECT_EQ(end.header("X-Kept"), "1");
    }
  }
  b->request() = {};
  b->request().method = "HEAD";
  server.on("/a", {"HTTP/1.1 302 Found\r\nLocation: /end\r\n\r\n"});
  server.on("/end", {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"});
  EXPECT_EQ(fetch(*b, server.url("/a")).status, 200);
  EXPECT_EQ(server.requests().back().method, "HEAD");
}

TEST_F(HttpRedirectTest, KeepsMethodAndBodyOn307And308) {
  server.on("/end", Server::ok(""));
  auto b = browser();
  b->request().method = "PUT";
  b->request().body = "x=1";
  b->request().headers = {{"Content-Type", "text/plain"}};
  for (const int status : {307, 308}) {
    server.on("/a", Server::redirect(status, "/end"));
    fetch(*b, server.url("/a"));
    EXPECT_EQ(server.requests().back().method, "PUT");
    EXPECT_EQ(server.requests().back().body, "x=1");
    EXPECT_EQ(server.requests().back().header("Content-Type"), "text/plain");
  }
}

TEST_F(HttpRedirectTest, TheNextRequestIsWhatItSaysAgain) {
  server.on("/a", Server::redirect(302, "/end"));
  server.on("/end", Server::ok(""));
  auto b = browser();
  b->request().method = "POST";
  b->request().body = "x=1";
  fetch(*b, server.url("/a"));
  fetch(*b, server.url("/end"));
  EXPECT_EQ(server.requests().back().method, "POST");
  EXPECT_EQ(server.requests().back().body, "x=1");
  EXPECT_EQ(b->response().redirects, 0);
  EXPECT_EQ(b->exchange.url(), server.url("/end"));
}

TEST_F(HttpRedirectTest, KeepsAuthorizationWithinTheOriginOnly) {
  Server elsewhere(loop);
  server.on("/near", Server::redirect(302, "/end"));
  server.on("/far", Server::redirect(302, elsewhere.url("/end")));
  auto b = browser();
  b->request().headers = {{"Authorization", "Bearer t"}, {"X-Kept", "1"}};
  fetch(*b, server.url("/near"));
  EXPECT_EQ(seen(1).header("Authorization"), "Bearer t");
  fetch(*b, server.url("/far"));
  EXPECT_EQ(elsewhere.requests().at(0).header("Authorization"), std::nullopt);
  EXPECT_EQ(elsewhere.requests().at(0).header("X-Kept"), "1");
  fetch(*b, server.url("/near"));
  EXPECT_EQ(server.requests().back().header("Authorization"), "Bearer t");
}

TEST_F(HttpRedirectTest, AuthorizationStaysAwayWhenTheChainComesBack) {
  Server elsewhere(loop);
  server.on("/a", Server::redirect(302, elsewhere.url("/b")));
  elsewhere.on("/b", Server::redirect(302, server.url("/end")));
  auto b = browser();
  b->request().headers = {{"Authorization", "Bearer t"}};
  fetch(*b, server.url("/a"));
  EXPECT_EQ(seen(0).header("Authorization"), "Bearer t");
  EXPECT_EQ(seen(1).header("Authorization"), std::nullopt);
}

TEST_F(HttpRedirectTest, CookiesSetOnTheWayAreSentAndTheRequestsOwnAreNot) {
  server.on("/a", Server::redirect(302, "/end", "Set-Cookie: id=7\r\n"));
  auto b = browser();
  b->request().headers = {{"Cookie", "x=1"}};
  fetch(*b, server.url("/a"));
  EXPECT_EQ(seen(0).header("Cookie"), "x=1");
  EXPECT_EQ(seen(1).header("Cookie"), "id=7");
}

TEST_F(HttpRedirectTest, ShowsTheRedirectItselfIfToldNotToFollow) {
  server.on("/a", Server::redirect(302, "/end"));
  auto b = browser();
  b->request().allow_redirects = false;
  EXPECT_EQ(fetch(*b, server.url("/a")).status, 302);
  EXPECT_EQ(b->response().body, "moved");
  EXPECT_EQ(server.requests().size(), 1U);
  b->request().allow_redirects = true;
  b->request().max_redirects = 0;
  EXPECT_EQ(fetch(*b, server.url("/a")).status, 302);
  EXPECT_FALSE(b->response().failed());
}

TEST_F(HttpRedirectTest, FollowsThirtyAndNoMore) {
  server.on("/a", Server::redirect(302, "/a"));
  auto b = browser();
  EXPECT_EQ(fetch(*b, server.url("/a")).error, HttpErrorKind::kTooManyRedirects);
  EXPECT_EQ(b->response().status, 0);
  EXPECT_EQ(server.requests().size(), 31U);
}

TEST_F(HttpRedirectTest, TimeRunsOutOverTheWholeChain) {
  server.on("/a", [this](const Server::Request&) {
    clock.advance(std::chrono::seconds(1));
    return Server::redirect(302, "/a");
  });
  auto b = browser();
  b->request().timeout = std::chrono::seconds(10);
  EXPECT_EQ(fetch(*b, server.url("/a")).error, HttpErrorKind::kTimeout);
  EXPECT_EQ(b->response().response_time, std::chrono::seconds(10));
}

TEST_F(HttpRedirectTest, ARefusedTargetFailsTheRequest) {
  server.on("/a", Server::redirect(302, "http://127.0.0.1:1/"));
  auto b = browser();
  EXPECT_EQ(fetch(*b, server.url("/a")).error_text,
            "ConnectionRefusedError(111, 'Connection refused')");
  EXPECT_EQ(b->response().status, 0);
}

TEST_F(HttpRedirectTest, AnyTargetThatIsNotHttpIsNamedByItsSchemeOnly) {
  const std::pair<std::string, std::string> targets[] = {
      {"ftp://shop/x", "'ftp'"}, {"mailto:client@shop", "'mailto'"}, {"data:,client", "'data'"}};
  for (const auto& [target, scheme] : targets) {
    server.on("/a", Server::redirect(302, target));
    auto b = browser();
    fetch(*b, server.url("/a"));
    EXPECT_EQ(b->response().error, HttpErrorKind::kBadRedirect) << target;
    EXPECT_NE(b->response().error_text.find("refusing to follow redirect to " + scheme + " URL"),
              std::string::npos)
        << b->response().error_text;
    EXPECT_EQ(b->response().error_text.find("client"), std::string::npos);
  }
}

TEST_F(HttpRedirectTest, EncodesWhatTheTargetLeftRaw) {
  server.on("/a", Server::redirect(302, "/b c/\xc3\xa9#part"));
  auto b = browser();
  fetch(*b, server.url("/a"));
  EXPECT_EQ(seen(1).target, "/b%20c/%c3%a9");
}

}  // namespace
}  // namespace locust::worker
