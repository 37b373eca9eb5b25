// What goes on the wire and what comes back: requests, reuse, isolation, cookies, decoding.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "common/base/mask.h"
#include "tests/unit/worker/http/http_fixture.h"

namespace locust::worker {
namespace {

using testing::HasSubstr;

class HttpEngineTest : public HttpFixture {};

TEST_F(HttpEngineTest, ReportsStatusBodyHeadersAndSize) {
  server.on("/a?x=1", Server::ok("hello", "X-Thing: 42\r\n"));
  auto b = browser();
  const HttpResponse& r = fetch(*b, server.url("/a?x=1"));
  EXPECT_FALSE(r.failed());
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.body, "hello");
  EXPECT_EQ(r.content_length, 5U);
  EXPECT_EQ(r.header("x-thing"), "42");
  EXPECT_EQ(r.header("x-thin"), std::nullopt);
  EXPECT_EQ(b->exchange.url(), server.url("/a?x=1"));
}

TEST_F(HttpEngineTest, OfAFailedResponseTheHeadAndTheBeginOfTheBodyAreAlwaysKept) {
  const std::string body = std::string(3000, 'a') + std::string(3000, 'b');
  Server::Reply broken = Server::ok(body, "X-Why: broken\r\n");
  broken.bytes.replace(0, broken.bytes.find("\r\n"), "HTTP/1.1 503 Broken");
  server.on("/fail", broken);
  server.on("/good", Server::ok(body, "X-Why: fine\r\n"));
  auto b = browser();
  b->request().keep_headers = false;
  b->request().keep_body = false;
  const HttpResponse& r = fetch(*b, server.url("/fail"));
  EXPECT_EQ(r.header("X-Why"), "broken");
  EXPECT_EQ(r.body, body.substr(0, kEvidenceBytes + kMaskAhead));
  EXPECT_EQ(r.content_length, body.size());
  fetch(*b, server.url("/good"));
  EXPECT_EQ(r.header("X-Why"), std::nullopt);
  EXPECT_EQ(r.body, "");
  b->request().keep_begin = true;
  fetch(*b, server.url("/good"));
  EXPECT_EQ(r.header("X-Why"), "fine");
  EXPECT_EQ(r.body, body.substr(0, kEvidenceBytes + kMaskAhead));
}

TEST_F(HttpEngineTest, SendsOnlyTheHeadersThatStockSends) {
  auto b = browser();
  fetch(*b, server.url("/"));
  const std::string port = std::to_string(server.port());
  EXPECT_EQ(server.requests()[0].head, "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + port +
                                           "\r\nUser-Agent: locust-cpp/" + std::string(kVersion) +
                                           "\r\nAccept-Encoding: gzip, deflate, br\r\n");
}

TEST_F(HttpEngineTest, HeadersOfTheRequestReplaceTheEnginesOwn) {
  auto b = browser();
  b->request().headers = {{"user-agent", "me"},     {"Accept", "text/html"}, {"X-Empty", ""},
                          {"Host", "shop.example"}, {"X-Two", "1"},          {"X-Two", "2"}};
  fetch(*b, server.url("/"));
  EXPECT_EQ(server.requests()[0].head,
            "GET / HTTP/1.1\r\nHost: shop.example\r\nAccept-Encoding: gzip, deflate, br\r\n"
            "user-agent: me\r\nAccept: text/html\r\nX-Empty:\r\nX-Two: 1\r\nX-Two: 2\r\n");
  b->request().headers.clear();
  fetch(*b, server.url("/"));
  EXPECT_EQ(server.requests()[1].header("X-Two"), std::nullopt);
}

TEST_F(HttpEngineTest, SendsAnyMethodWithAndWithoutABody) {
  auto b = browser();
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE", "HEAD"}) {
    for (const char* body : {"", "x=1"}) {
      b->request().method = method;
      b->request().body = body;
      SCOPED_TRACE(std::string(method) + " " + body);
      EXPECT_EQ(fetch(*b, server.url("/")).status, 404);
      const Server::Request& seen = server.requests().back();
      const std::string m = method;
      EXPECT_EQ(seen.method, m);
      EXPECT_EQ(seen.body, m == "HEAD" ? "" : body);
      const bool wants_length = m == "POST" || m == "PUT" || m == "PATCH";
      EXPECT_EQ(seen.header("Content-Length").has_value(), wants_length || !seen.body.empty());
      EXPECT_EQ(seen.header("Content-Type"), std::nullopt);
      EXPECT_EQ(seen.header("Expect"), std::nullopt);
    }
  }
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpEngineTest, SendsABigBodyWhole) {
  auto b = browser();
  b->request().method = "POST";
  b->request().body = std::string(5'000'000, 'x') + "end";
  fetch(*b, server.url("/"));
  EXPECT_EQ(server.requests()[0].body, b->request().body);
}

TEST_F(HttpEngineTest, ReusesTheConnectionOfItsUserOnly) {
  server.on("/", Server::ok("ok"));
  auto first = browser();
  auto second = browser();
  for (int i = 0; i < 10; ++i) {
    fetch(*first, server.url("/"));
    fetch(*second, server.url("/"));
  }
  EXPECT_EQ(server.accepted(), 2);
  EXPECT_EQ(server.requests()[0].connection, server.requests()[18].connection);
  EXPECT_EQ(server.requests()[1].connection, server.requests()[19].connection);
}

TEST_F(HttpEngineTest, ClosesItsConnectionsWithTheClient) {
  server.on("/", Server::ok("ok"));
  auto b = browser();
  fetch(*b, server.url("/"));
  EXPECT_EQ(server.open(), 1U);
  b.reset();
  run_until([&] { return server.open() == 0; });
}

TEST_F(HttpEngineTest, OpensAnotherConnectionWhenTheServerHasClosedTheIdleOne) {
  server.on("/", {Server::ok("ok").bytes, Then::kClose});
  auto b = browser();
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(fetch(*b, server.url("/")).body, "ok");
    settle();  // the close arrives while the connection idles
    EXPECT_EQ(server.accepted(), i);
  }
}

TEST_F(HttpEngineTest, SendsAnIdempotentRequestAgainIfTheReusedConnectionIsClosed) {
  server.on("/first", Server::ok("ok"));
  server.on("/", [](const Server::Request& r) {
    return r.connection == 1 ? Server::Reply{"", Then::kClose} : Server::ok("again");
  });
  auto b = browser();
  fetch(*b, server.url("/first"));
  EXPECT_EQ(fetch(*b, server.url("/")).body, "again");
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(HttpEngineTest, NeverSendsAPostTwice) {
  server.on("/first", Server::ok("ok"));
  server.on("/", [](const Server::Request& r) {
    return r.connection == 1 ? Server::Reply{"", Then::kClose} : Server::ok("again");
  });
  auto b = browser();
  fetch(*b, server.url("/first"));
  b->request().method = "POST";
  EXPECT_EQ(fetch(*b, server.url("/")).error_text, "HTTPConnectionClosed('connection closed.')");
  EXPECT_EQ(b->response().error, HttpErrorKind::kConnectionClosed);
  settle();
  EXPECT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(fetch(*b, server.url("/")).body, "again");
}

TEST_F(HttpEngineTest, KeepsCookiesPerUser) {
  server.on("/login",
            Server::ok("", "Set-Cookie: id=7; Path=/\r\nSet-Cookie: a=b; Path=/shop\r\n"));
  auto visitor = browser();
  auto other = browser();
  fetch(*visitor, server.url("/login"));
  fetch(*visitor, server.url("/"));
  EXPECT_EQ(server.requests().back().header("Cookie"), "id=7");
  fetch(*visitor, server.url("/shop/1"));
  EXPECT_EQ(server.requests().back().header("Cookie"), "a=b; id=7");
  fetch(*other, server.url("/shop/1"));
  EXPECT_EQ(server.requests().back().header("Cookie"), std::nullopt);
}

TEST_F(HttpEngineTest, JoinsACookieHeaderWithTheUsersCookies) {
  server.on("/login", Server::ok("", "Set-Cookie: id=7; Path=/\r\n"));
  auto b = browser();
  fetch(*b, server.url("/login"));
  b->request().headers = {{"Cookie", "x=1"}};
  fetch(*b, server.url("/"));
  EXPECT_EQ(server.requests().back().header("Cookie"), "id=7; x=1");
  b->request().headers.clear();
  fetch(*b, server.url("/"));
  EXPECT_EQ(server.requests().back().header("Cookie"), "id=7");
}

// `kPlain` as Python's gzip, zlib and brotli write it.
const std::string kPlain = "hello hello hello hello hello";
const std::string kGzip(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x57\xc8\xc0\x4e\x02\x00\xf6\xd2"
    "\x53\x38\x1d\x00\x00\x00",
    29);
const std::string kDeflate("\x78\x9c\xcb\x48\xcd\xc9\xc9\x57\xc8\xc0\x4e\x02\x00\xa3\x10\x0a\xe5",
                           17);
const std::string kBrotli(
    "\x1b\x1c\x00\xf8\x8d\x94\x6e\xde\x44\x55\x86\x96\x6c\x20\x6f\x41\x4f\x1c\x20\x71", 20);

TEST_F(HttpEngineTest, DecodesBodiesAndCountsDecodedBytes) {
  server.on("/gzip", Server::ok(kGzip, "Content-Encoding: gzip\r\n"));
  server.on("/deflate", Server::ok(kDeflate, "Content-Encoding: deflate\r\n"));
  server.on("/br", Server::ok(kBrotli, "Content-Encoding: br\r\n"));
  auto b = browser();
  for (const char* path : {"/gzip", "/deflate", "/br"}) {
    SCOPED_TRACE(path);
    b->request().keep_body = true;
    EXPECT_EQ(fetch(*b, server.url(path)).body, kPlain);
    EXPECT_EQ(b->response().error_text, "");
    b->request().keep_body = false;
    EXPECT_EQ(fetch(*b, server.url(path)).body, "");
    EXPECT_EQ(b->response().content_length, kPlain.size());
  }
}

TEST_F(HttpEngineTest, ReadsChunkedAndCloseDelimitedBodies) {
  server.on("/chunked", {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde"
                         "\r\n0\r\n\r\n"});
  server.on("/close", {"HTTP/1.1 200 OK\r\n\r\nabcdef", Then::kClose});
  auto b = browser();
  EXPECT_EQ(fetch(*b, server.url("/chunked")).body, "abcde");
  EXPECT_EQ(fetch(*b, server.url("/close")).body, "abcdef");
  EXPECT_FALSE(b->response().failed());
}

TEST_F(HttpEngineTest, KeepsNoHeadersWhenNobodyReadsThem) {
  server.on("/", Server::ok("ok", "X: 1\r\n"));
  auto b = browser();
  b->request().keep_headers = false;
  EXPECT_EQ(fetch(*b, server.url("/")).headers, "");
}

TEST_F(HttpEngineTest, TakesTheFinalResponseAfterInterimOnes) {
  server.on("/", {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nX: 1\r\n"
                  "Content-Length: 2\r\n\r\nok"});
  auto b = browser();
  EXPECT_EQ(fetch(*b, server.url("/")).status, 200);
  EXPECT_EQ(b->response().headers, "X: 1\r\nContent-Length: 2\r\n");
}

TEST_F(HttpEngineTest, RefusesABodyBeyondTheLimitOnlyIfItIsKept) {
  use({.max_body_bytes = 100});
  server.on("/", Server::ok(std::string(101, 'x')));
  auto b = browser();
  EXPECT_EQ(fetch(*b, server.url("/")).error, HttpErrorKind::kBodyTooLarge);
  EXPECT_EQ(b->response().error_text,
            "BodyLimitExceeded('the response body has more than 100 bytes; --max-body-size raises "
            "the limit')");
  b->request().keep_body = false;
  EXPECT_FALSE(fetch(*b, server.url("/")).failed());
  EXPECT_EQ(b->response().content_length, 101U);
}

TEST_F(HttpEngineTest, RunsAThousandRequestsAtOnce) {
  constexpr int kUsers = 1000;
  std::vector<std::unique_ptr<Browser>> users;
  std::vector<int> waiting;
  server.on("/", [&](const Server::Request& r) {
    waiting.push_back(r.connection);
    return Server::Reply{};
  });
  for (int i = 0; i < kUsers; ++i) {
    users.push_back(browser());
    start(*users.back(), server.url("/"));
  }
  run_until([&] { return waiting.size() == kUsers; });
  for (const int connection : waiting) server.say(connection, Server::ok("ok").bytes);
  run_until(
      [&] { return std::all_of(users.begin(), users.end(), [](auto& u) { return u->done; }); });
  for (const auto& user : users) EXPECT_EQ(user->response().body, "ok");
}

TEST_F(HttpEngineTest, OneClientHasSeveralRequestsInFlightOnOwnConnections) {
  server.on("/login", Server::ok("", "Set-Cookie: id=7\r\n"));
  server.on("/", [](const Server::Request&) { return Server::Reply{}; });
  auto b = browser();
  fetch(*b, server.url("/login"));
  Exchange other;
  other.request.url = server.url("/");
  bool other_done = false;
  start(*b, server.url("/"));
  engine->start(*b->client, other, [&] { other_done = true; });
  run_until([&] { return server.requests().size() == 3; });
  EXPECT_NE(server.requests()[1].connection, server.requests()[2].connection);
  EXPECT_EQ(server.requests()[1].header("Cookie"), "id=7");
  EXPECT_EQ(server.requests()[2].header("Cookie"), "id=7");
  server.say(server.requests()[2].connection, Server::ok("second").bytes);
  run_until([&] { return other_done; });
  EXPECT_FALSE(b->done);
  EXPECT_EQ(other.response.body, "second");
}

TEST_F(HttpEngineTest, TimesTheWholeRequestByTheInjectedClock) {
  server.on("/", [](const Server::Request&) { return Server::Reply{}; });
  auto b = browser();
  start(*b, server.url("/"));
  run_until([&] { return server.requests().size() == 1; });
  clock.advance(std::chrono::milliseconds(250));
  server.say(1, Server::ok("ok").bytes);
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().response_time, std::chrono::milliseconds(250));
  EXPECT_GT(b->response().phases.connected, Duration::zero());
  EXPECT_GE(b->response().phases.first_byte, b->response().phases.connected);
}

TEST_F(HttpEngineTest, ForgetsTheResponseBeforeTheNextRequest) {
  server.on("/", Server::ok("ok"));
  auto b = browser();
  fetch(*b, server.url("/"));
  fetch(*b, "http://127.0.0.1:1/");
  EXPECT_EQ(b->response().status, 0);
  EXPECT_EQ(b->response().body, "");
  EXPECT_EQ(b->response().headers, "");
  EXPECT_EQ(b->response().content_length, 0U);
}

TEST_F(HttpEngineTest, SendsCredentialsOfTheUrlAsBasicAuthentication) {
  auto b = browser();
  fetch(*b, "http://us%20er:pa%3Ass@127.0.0.1:" + std::to_string(server.port()) + "/");
  EXPECT_EQ(server.requests()[0].header("Authorization"), "Basic dXMgZXI6cGE6c3M=");
  fetch(*b, server.url("/"));
  EXPECT_EQ(server.requests()[1].header("Authorization"), std::nullopt);
}

TEST_F(HttpEngineTest, SendsThePathAsItIsWrittenWithoutTheFragment) {
  auto b = browser();
  fetch(*b, server.url("/a/../b/./c?q=%20#part"));
  EXPECT_EQ(server.requests()[0].target, "/a/../b/./c?q=%20");
  fetch(*b, server.url("/caf\xc3\xa9"));
  EXPECT_EQ(server.requests()[1].target, "/caf%C3%A9");
}

TEST_F(HttpEngineTest, NamesTheLackOfFileDescriptors) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  rlimit none = limit;
  none.rlim_cur = 3;
  auto b = browser();
  fetch(*b, server.url("/"));  // UBSan opens a pipe when it sees a type for the first time
  b = browser();
  ::setrlimit(RLIMIT_NOFILE, &none);
  fetch(*b, server.url("/"));
  ::setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(b->response().error_text, "OSError(24, 'Too many open files')");
  EXPECT_EQ(b->response().error, HttpErrorKind::kConnect);
  EXPECT_EQ(fetch(*b, server.url("/")).status, 404);
}

TEST_F(HttpEngineTest, IgnoresProxiesOfTheEnvironmentAndNamesThem) {
  ::setenv("http_proxy", "http://user:secret@127.0.0.1:1", 1);
  server.on("/", Server::ok("direct"));
  auto b = browser();
  EXPECT_EQ(fetch(*b, server.url("/")).body, "direct");
  EXPECT_EQ(proxy_environment(), "http_proxy=http://user:***@127.0.0.1:1");
  ::unsetenv("http_proxy");
}

}  // namespace
}  // namespace locust::worker
