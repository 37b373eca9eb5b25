// Nothing of a request reaches the next one of its user but cookies, connections and TLS sessions:
// every kind of request after every other kind is, on the wire and in its result, what it is for a
// user that has made no request but the login.
#include <gtest/gtest.h>

#include <regex>

#include "tests/unit/worker/http/http_fixture.h"

namespace locust::worker {
namespace {

// What a kind of request needs of the test.
struct Kind {
  std::string name;
  std::string target = "/plain";
  std::function<void(HttpRequest&)> change = [](HttpRequest&) {};
  bool keeps_connection = true;  // that the next request can use
  bool times_out = false;
  bool is_digest = false;
};

class HttpStateTest : public HttpFixture {
 protected:
  HttpStateTest() {
    server.on("/login", [this](const Server::Request&) {
      Server::Reply reply = Server::ok("", "Set-Cookie: id=7; Path=/\r\n");
      if (close_after_login_) reply.then = Then::kClose;
      return reply;
    });
    server.on("/plain", [](const Server::Request& r) { return Server::ok("got " + r.body); });
    server.on("http://shop.invalid/p", Server::ok("by proxy"));
    server.on("/old", {"HTTP/1.0 200 OK\r\n\r\nold", Then::kClose});
    server.on("/silent", Server::Reply{});
    server.on("/closed", {"", Then::kClose});
    server.on("/second", [this](const Server::Request&) {
      closed_once_ = !closed_once_;
      return closed_once_ ? Server::Reply{"", Then::kClose} : Server::ok("at last");
    });
    server.on("/302", Server::redirect(302, "/plain"));
    server.on("/307", Server::redirect(307, "/plain"));
    server.on("/loop", Server::redirect(302, "/loop"));
    server.on("/away", Server::redirect(307, other.url("/plain")));
    server.on("/ftp", Server::redirect(302, "ftp://shop.invalid/"));
    other.on("/plain", [](const Server::Request& r) { return Server::ok("other " + r.body); });
    server.on("/chunked", {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"
                           "X-Sum: 6\r\n\r\n"});
    server.on("/deflate", Server::ok("x^\x03", "Content-Encoding: deflate\r\n"));
    server.on("/lengths", {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"});
    server.on("/500", {"HTTP/1.1 500 Broken\r\nContent-Length: 3\r\n\r\nwhy"});
    server.on("/401", {"HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"a\"\r\n"
                       "Content-Length: 0\r\n\r\n"});
    server.on("/digest", [](const Server::Request& r) {
      if (r.header("Authorization")) return Server::ok("welcome " + r.body);
      return Server::Reply{
          "HTTP/1.1 401 Who\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"n1\", qop=\"auth\"\r\n"
          "Content-Length: 0\r\n\r\n"};
    });
  }

  std::vector<Kind> kinds() const;

  void make(Browser& b, const Kind& kind) {
    b.request() = {};
    kind.change(b.request());
    closed_once_ = false;
    const bool absolute = kind.target.find("://") != std::string::npos;
    const std::string url = !b.request().url.empty() ? b.request().url : kind.target;
    start(b, absolute || !b.request().url.empty() ? url : server.url(kind.target));
    if (kind.times_out) {
      const std::size_t before = server.requests().size();
      run_until([&] { return b.done || server.requests().size() > before; });
      clock.advance(b.request().timeout);
    }
    run_until([&] { return b.done; });
  }

  // All that `kind` sends and gets, as a text. Of digest logins what is random is left out.
  std::string made(Browser& b, const Kind& kind) {
    const std::size_t first = server.requests().size();
    const std::size_t first_other = other.requests().size();
    make(b, kind);
    static const std::regex digest("Authorization: Digest [^\r]*");
    std::string text;
    const auto add = [&text](const std::vector<Server::Request>& requests, std::size_t from) {
      for (std::size_t i = from; i < requests.size(); ++i) {
        text += std::regex_replace(requests[i].head, digest, "Authorization: Digest") + "\r\n" +
                requests[i].body + "\n";
      }
    };
    add(server.requests(), first);
    add(other.requests(), first_other);
    const HttpResponse& r = b.response();
    return text + "status " + std::to_string(r.status) + " " + r.reason + ", " + r.error_text +
           ", redirects " + std::to_string(r.redirects) + " to " + r.redirected_url + ", length " +
           std::to_string(r.content_length) + "\n" + r.headers + "\n" + r.body;
  }

  std::unique_ptr<Browser> visitor() {
    auto b = browser();
    fetch(*b, server.url("/login"));
    return b;
  }

  // As a user makes it whose last request has left its connection open or not.
  std::string made_first(const Kind& kind, bool connected) {
    close_after_login_ = !connected;
    auto b = visitor();
    close_after_login_ = false;
    if (!connected) run_until([this] { return server.open() == 0; });
    return made(*b, kind);
  }

  Server other{loop};
  TemporaryFolder folder;
  bool close_after_login_ = false;
  bool closed_once_ = false;
};

std::vector<Kind> HttpStateTest::kinds() const {
  const std::string file = folder.write("part.txt", "<file>");
  const std::string port = std::to_string(server.port());
  const std::string proxy = "127.0.0.1:" + port;
  const auto headers = [](HttpHeaders values) {
    return [values](HttpRequest& r) { r.headers = values; };
  };
  const auto method = [](const std::string& name, const std::string& body = "") {
    return [name, body](HttpRequest& r) {
      r.method = name;
      r.body = body;
    };
  };
  const auto digest = [](const std::string& password) {
    return [password](HttpRequest& r) { r.digest = {"u", password}; };
  };
  const auto through = [](const std::string& url) {
    return [url](HttpRequest& r) { r.route.proxy = url; };
  };
  return {
      {"plain"},
      {"host header", "/plain", headers({{"Host", "shop.example"}})},
      {"another host header", "/plain", headers({{"host", "blog.example"}})},
      {"post", "/plain", method("POST", "order")},
      {"empty post", "/plain", method("POST")},
      {"delete with body", "/plain", method("DELETE", "all")},
      {"get with body", "/plain", method("GET", "query")},
      {"other method", "/plain", method("PURGE")},
      {"head", "/plain", method("HEAD")},
      {"parts", "/plain",
       [file](HttpRequest& r) {
         r.method = "PUT";
         r.body_parts = {{.text = "a"}, {.file = file}};
       }},
      {"missing file", "/plain",
       [](HttpRequest& r) {
         r.method = "PUT";
         r.body_parts = {{.file = "/nonexistent/part"}};
       }},
      {"typed post", "/plain",
       [](HttpRequest& r) {
         r.method = "POST";
         r.body = "order";
         r.headers = {{"Content-Type", "text/plain"}};
       }},
      {"headers", "/plain",
       headers({{"Accept-Encoding", "identity"},
                {"User-Agent", "me"},
                {"Accept", "text/html"},
                {"Range", "bytes=0-3"},
                {"Referer", "http://shop.example/"},
                {"Authorization", "Bearer t"},
                {"Content-Type", "text/plain"},
                {"Expect", "200-ok"},
                {"TE", "trailers"}})},
      {"connection close", "/plain", headers({{"Connection", "close"}})},
      {"bad header", "/plain", headers({{"X A", "1"}})},
      {"bad method", "/plain", method("G T")},
      {"bad url", "nonsense://"},
      {"cookie header", "/plain", headers({{"Cookie", "x=1"}})},
      {"own cookies", "/plain",
       [](HttpRequest& r) {
         r.cookies = {{"id", "8"}, {"new", "1"}};
       }},
      {"no cookie", "/plain",
       [](HttpRequest& r) {
         r.cookies = {{"id", std::nullopt}};
       }},
      {"credentials", "http://u:p@127.0.0.1:" + port + "/plain"},
      {"other credentials", "http://v:q@127.0.0.1:" + port + "/plain"},
      {"refused credentials", "http://u:p@127.0.0.1:" + port + "/401"},
      {"digest", "/digest", digest("secret"), true, false, true},
      {"other digest", "/digest", digest("other"), true, false, true},
      {"digest post", "/digest",
       [](HttpRequest& r) {
         r.method = "POST";
         r.body = "order";
         r.digest = {"w", "third"};
       },
       true, false, true},
      {"unknown login", "/401"},
      {"silence", "/silent", [](HttpRequest&) {}, false, true},
      {"closed post", "/closed", method("POST", "order"), false},
      {"closed and repeated", "/second"},
      {"redirect", "/302"},
      {"redirected post", "/302", method("POST", "order")},
      {"kept post", "/307", method("POST", "order")},
      {"redirect to another origin", "/away",
       headers({{"Authorization", "Bearer t"}, {"Host", "shop.example"}})},
      {"redirect not followed", "/302", [](HttpRequest& r) { r.allow_redirects = false; }},
      {"redirect to ftp", "/ftp"},
      {"redirect loop", "/loop", [](HttpRequest& r) { r.max_redirects = 2; }},
      {"old http", "/old", [](HttpRequest&) {}, false},
      {"chunked", "/chunked"},
      {"deflate cut off", "/deflate"},
      {"wrong lengths", "/lengths", [](HttpRequest&) {}, false},
      {"evidence", "/500", [](HttpRequest& r) { r.keep_headers = r.keep_body = false; }},
      {"nothing kept", "/plain", [](HttpRequest& r) { r.keep_headers = r.keep_body = false; }},
      {"proxy", "http://shop.invalid/p", through("http://" + proxy)},
      {"proxy with credentials", "http://shop.invalid/p", through("http://u:p@" + proxy)},
      {"unverified", "/plain",
       [](HttpRequest& r) {
         r.route.verify = false;
         r.route.http2 = true;
       }},
      {"source address", "/plain", [](HttpRequest& r) { r.route.source_ip = "127.0.0.1"; }},
      {"refused", "http://127.0.0.1:1/"},
  };
}

TEST_F(HttpStateTest, EveryKindAfterEveryOtherIsAsForANewUser) {
  const std::vector<Kind> all = kinds();
  std::vector<std::string> connected;
  std::vector<std::string> alone;
  for (const Kind& kind : all) {
    connected.push_back(made_first(kind, true));
    alone.push_back(made_first(kind, false));
  }
  for (const Kind& first : all) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      // One login may answer again the challenge that it knows, as in browsers and requests.
      if (first.is_digest && first.name == all[i].name) continue;
      auto b = visitor();
      make(*b, first);
      EXPECT_EQ(made(*b, all[i]), (first.keeps_connection ? connected : alone)[i])
          << all[i].name << " after " << first.name;
    }
  }
}

TEST_F(HttpStateTest, ACancelledRequestLeavesNothing) {
  const std::string expected = made_first({"plain"}, false);
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    auto b = visitor();
    b->request() = {};
    kind.change(b->request());
    const std::size_t before = server.requests().size();
    start(*b, server.url("/silent"));
    run_until([&] { return b->done || server.requests().size() > before; });
    engine->cancel(b->exchange);
    EXPECT_EQ(made(*b, {"plain"}), expected);
  }
}

// The server has given up a kept connection at the moment when the request was sent on it.
TEST_F(HttpStateTest, ARequestIsRepeatedOnANewConnectionHoweverOftenThatWasNeededBefore) {
  auto b = visitor();
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(fetch(*b, server.url("/second")).body, "at last") << i;
  }
}

}  // namespace
}  // namespace locust::worker
