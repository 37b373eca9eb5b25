// Routes to real servers: HTTP/2, client certificates, unix sockets, proxies, source addresses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/fakes/nginx.h"
#include "tests/fakes/tls_server.h"
#include "tests/unit/worker/http/http_fixture.h"

namespace locust::worker {
namespace {

using fakes::Nginx;
using testing::HasSubstr;

// What a server says of the request: "HTTP/2.0 1 …".
constexpr const char* kEcho =
    "location / { return 200 '$server_protocol $connection $ssl_client_verify $remote_addr'; }\n";

class HttpPeerTest : public HttpFixture {
 protected:
  void SetUp() override {
    if (!Nginx::installed()) GTEST_SKIP() << "nginx is not installed";
  }
  // `more` stands in the server block.
  void serve_tls(const std::string& more = "") {
    port = fakes::free_port();
    nginx = std::make_unique<Nginx>(
        "server { listen 127.0.0.1:" + std::to_string(port) + " ssl http2; ssl_certificate " +
        tls.ca_file() + "; ssl_certificate_key " + tls.ca_file() + ";\n" + more + kEcho + "}");
  }
  std::string url(const std::string& scheme = "https") const {
    return scheme + "://127.0.0.1:" + std::to_string(port) + "/";
  }
  std::string fetched(Browser& b, const std::string& from) {
    const HttpResponse& response = fetch(b, from);
    return response.failed() ? response.error_text : response.body;
  }

  fakes::TlsServer tls;  // for its certificate
  std::unique_ptr<Nginx> nginx;
  int port = 0;
};

TEST_F(HttpPeerTest, SpeaksHttp2WhereItIsWantedAndOffered) {
  serve_tls();
  auto b = browser();
  b->request().route.ca_file = tls.ca_file();
  EXPECT_EQ(fetched(*b, url()).substr(0, 9), "HTTP/1.1 ");

  b = browser();  // the other one would use its open connection
  b->request().route.ca_file = tls.ca_file();
  b->request().route.http2 = true;
  EXPECT_EQ(fetched(*b, url()).substr(0, 9), "HTTP/2.0 ");
  b->request().method = "POST";
  b->request().body = "x=1";
  EXPECT_EQ(fetch(*b, url()).status, 200);
  EXPECT_THAT(b->response().headers, HasSubstr("server: nginx"));
}

TEST_F(HttpPeerTest, Http2RequestsSentTogetherShareOneConnection) {
  serve_tls();
  auto b = browser();
  std::array<Exchange, 5> exchanges;
  int done = 0;
  for (Exchange& exchange : exchanges) {
    exchange.request.url = url();
    exchange.request.route.http2 = true;
    exchange.request.route.ca_file = tls.ca_file();
    engine->start(*b->client, exchange, [&] { ++done; });
  }
  run_until([&] { return done == 5; });
  for (const Exchange& exchange : exchanges)
    EXPECT_EQ(exchange.response.body, exchanges[0].response.body) << exchange.response.error_text;
}

TEST_F(HttpPeerTest, FallsBackToHttp11WithAServerThatKnowsNoOther) {
  auto b = browser();
  b->request().route.http2 = true;
  b->request().route.ca_file = tls.ca_file();
  EXPECT_EQ(fetched(*b, "https://127.0.0.1:" + std::to_string(tls.port()) + "/"), "hello");
}

TEST_F(HttpPeerTest, ShowsTheClientsCertificate) {
  serve_tls("ssl_verify_client on; ssl_client_certificate " + tls.ca_file() + ";\n");
  auto b = browser();
  b->request().route.ca_file = tls.ca_file();
  EXPECT_EQ(fetch(*b, url()).status, 400) << "nginx wants a certificate";
  b->request().route.cert_file = tls.ca_file();
  EXPECT_THAT(fetched(*b, url()), HasSubstr(" SUCCESS "));
  b->request().route.cert_file = "/nonexistent.pem";
  EXPECT_EQ(fetch(*b, url()).error, HttpErrorKind::kTls);
  EXPECT_THAT(b->response().error_text, HasSubstr("SSLError("));
}

TEST_F(HttpPeerTest, ConnectsToAUnixSocket) {
  nginx = std::make_unique<Nginx>(
      "server { listen unix:@DIR@/app.sock; location / { return 200 "
      "'$http_host'; } }");
  auto b = browser();
  b->request().route.unix_socket = nginx->directory() + "/app.sock";
  EXPECT_EQ(fetched(*b, "http://shop.example/a"), "shop.example");
  b->request().route.unix_socket = nginx->directory() + "/none.sock";
  EXPECT_EQ(fetched(*b, "http://shop.example/a"),
            "FileNotFoundError(2, 'No such file or directory')");
}

TEST_F(HttpPeerTest, SendsThroughAProxyOrAsTheEnvironmentSays) {
  port = fakes::free_port();
  nginx = std::make_unique<Nginx>("server { listen 127.0.0.1:" + std::to_string(port) +
                                  "; location / { proxy_pass http://$http_host$request_uri; "
                                  "proxy_set_header X-Via proxy; } }");
  server.on("/", [](const Server::Request& request) {
    return Server::ok(request.header("X-Via").value_or("direct"));
  });
  auto b = browser();
  EXPECT_EQ(fetched(*b, server.url("/")), "direct");
  b->request().route.proxy = url("http");
  EXPECT_EQ(fetched(*b, server.url("/")), "proxy");
  const auto as_the_environment_says = [&] {
    b.reset();
    use({});  // it reads the environment once
    b = browser();
    b->request().route.proxy = "env";
    return fetched(*b, server.url("/"));
  };
  ::unsetenv("no_proxy");
  ::unsetenv("NO_PROXY");
  ::unsetenv("http_proxy");
  EXPECT_EQ(as_the_environment_says(), "direct");
  ::setenv("http_proxy", url("http").c_str(), 1);
  EXPECT_EQ(as_the_environment_says(), "proxy");
  ::setenv("no_proxy", "127.0.0.1", 1);
  EXPECT_EQ(as_the_environment_says(), "direct");
  ::unsetenv("http_proxy");
  ::unsetenv("no_proxy");
}

TEST_F(HttpPeerTest, AProxyThatRefusesATunnelOrIsNotThereIsAFailure) {
  port = fakes::free_port();
  nginx = std::make_unique<Nginx>("server { listen 127.0.0.1:" + std::to_string(port) + "; }");
  auto b = browser();
  b->request().route.proxy = url("http");
  // Nginx knows no CONNECT; by version it answers 400 or 405.
  EXPECT_THAT(fetched(*b, "https://127.0.0.1:1/"),
              HasSubstr("OSError('Tunnel connection failed: 40"));
  EXPECT_EQ(b->response().status, 0);
  b->request().route.proxy = "http://127.0.0.1:" + std::to_string(fakes::free_port());
  EXPECT_EQ(fetched(*b, "http://127.0.0.1:1/"),
            "ConnectionRefusedError(111, 'Connection refused')");
}

TEST_F(HttpPeerTest, ConnectsFromTheAddressItIsGiven) {
  port = fakes::free_port();
  nginx = std::make_unique<Nginx>("server { listen 127.0.0.1:" + std::to_string(port) +
                                  "; location / { return 200 '$remote_addr'; } }");
  auto b = browser();
  b->request().route.source_ip = "127.0.0.7";
  EXPECT_EQ(fetched(*b, url("http")), "127.0.0.7");
  b->request().route.source_ip = "127.0.0.8";
  EXPECT_EQ(fetched(*b, url("http")), "127.0.0.8");
  b->request().route.source_ip = "192.0.2.1";
  EXPECT_EQ(fetch(*b, url("http")).error, HttpErrorKind::kConnect);
  EXPECT_EQ(b->response().error_text, "OSError(99, 'Cannot assign requested address')");
}

}  // namespace
}  // namespace locust::worker
