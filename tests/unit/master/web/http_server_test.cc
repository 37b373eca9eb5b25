// The server over real loopback connections, with clients that are slow, many or hostile.
#include "master/web/http_server.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <utility>

#include "tests/fakes/tls_server.h"

namespace locust::master::web {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kDeadlineSeconds = 10;

class WebClient {
 public:
  explicit WebClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval deadline{kDeadlineSeconds, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~WebClient() { ::close(fd_); }
  WebClient(const WebClient&) = delete;
  WebClient& operator=(const WebClient&) = delete;

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // All until the server closes the connection.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }
  // All up to and with `end`; empty if the connection ended before.
  std::string until(std::string_view end) {
    std::size_t at = received_.find(end);
    while (at == std::string::npos && receive()) at = received_.find(end);
    if (at == std::string::npos) return "";
    std::string text = received_.substr(0, at + end.size());
    received_.erase(0, text.size());
    return text;
  }
  std::string get(std::string_view path) {
    send("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    return rest();
  }

 private:
  bool receive() {
    char part[4096];
    const ssize_t size = ::recv(fd_, part, sizeof part, 0);
    if (size <= 0) return false;
    received_.append(part, static_cast<std::size_t>(size));
    return true;
  }

  int fd_;
  std::string received_;
};

Response answer_with(std::string text) {
  Response response;
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

// Answers with what it was asked: "METHOD PATH?QUERY BODY".
void echo(const Request& request, const Respond& respond) {
  respond(
      answer_with(request.method + " " + request.path + "?" + request.query + " " + request.body));
}

class HttpServerTest : public testing::Test {
 protected:
  void serve(HttpServer::Handler handler = echo, ServerOptions options = {}) {
    options.host = "127.0.0.1";
    options.port = 0;
    auto listening = HttpServer::listen(options);
    ASSERT_TRUE(listening) << listening.error();
    server_ = *std::move(listening);
    server_->start(std::move(handler));
  }
  int port() const { return server_->port(); }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AConnectionServesOneRequestAfterTheOther) {
  serve();
  WebClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.send("POST /a%20b?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    EXPECT_THAT(client.until("\r\n\r\n"), HasSubstr("Connection: keep-alive"));
    EXPECT_EQ(client.until("hi"), "POST /a%20b?x=1 hi");
  }
}

TEST_F(HttpServerTest, RequestsThatComeTogetherAreAnsweredInOrder) {
  serve();
  WebClient client(port());
  client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.until("GET /1? "), HasSubstr("200 OK"));
  EXPECT_THAT(client.until("GET /2? "), HasSubstr("200 OK"));
}

TEST_F(HttpServerTest, HeadGetsTheHeadOnlyAndOldClientsAClose) {
  serve();
  WebClient head(port());
  head.send("HEAD /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string response = head.rest();
  EXPECT_THAT(response, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(response, testing::EndsWith("\r\n\r\n"));
  WebClient old(port());
  old.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.rest(), testing::EndsWith("GET /a? "));
}

TEST_F(HttpServerTest, AbsoluteTargetsAreTakenAsPaths) {
  serve();
  WebClient client(port());
  client.send("GET http://host:1/a?b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.rest(), testing::EndsWith("GET /a?b "));
}

TEST_F(HttpServerTest, AnAnswerMayComeLaterAndFromAnotherThread) {
  std::mutex mutex;
  std::vector<Respond> waiting;
  serve([&](Request, Respond respond) {
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(respond));
  });
  WebClient first(port());
  WebClient second(port());
  first.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  second.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  std::thread later([&] {
    std::size_t answered = 0;
    while (answered < 2) {
      const std::lock_guard lock(mutex);
      for (const Respond& respond : waiting) {
        respond(answer_with("late"));
        respond(answer_with("twice"));
        ++answered;
      }
      waiting.clear();
    }
  });
  EXPECT_THAT(first.rest(), testing::EndsWith("late"));
  EXPECT_THAT(second.rest(), testing::EndsWith("late"));
  later.join();
}

TEST_F(HttpServerTest, AnswersAfterTheEndOfClientOrServerDoNothing) {
  std::mutex mutex;
  std::vector<Respond> waiting;
  std::atomic<int> asked = 0;
  serve([&](Request, Respond respond) {
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(respond));
    ++asked;
  });
  {
    WebClient gone(port());
    gone.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    while (asked < 1) std::this_thread::yield();
  }
  {
    const std::lock_guard lock(mutex);
    waiting[0](answer_with("nobody hears it"));
  }
  WebClient stays(port());
  stays.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  while (asked < 2) std::this_thread::yield();
  server_.reset();
  waiting[1](answer_with("nobody sends it"));
  EXPECT_EQ(stays.rest(), "");
}

// ---- Streams ----

void stream(const Request&, const Respond& respond) {
  Response response = answer_with("hello\n\n");
  response.stream = true;
  response.content_type = "text/event-stream";
  respond(std::move(response));
}

TEST_F(HttpServerTest, StreamsGetEveryEventUntilTheServerEnds) {
  serve(stream);
  WebClient client(port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.until("hello\n\n"), HasSubstr("Content-Type: text/event-stream"));
  for (int i = 0; i < 3; ++i) {
    server_->post([this, i] {
      server_->publish(std::make_shared<const std::string>("event " + std::to_string(i) + "\n"));
    });
  }
  EXPECT_EQ(client.until("event 2\n"), "event 0\nevent 1\nevent 2\n");
  server_.reset();
  EXPECT_EQ(client.rest(), "");
}

TEST_F(HttpServerTest, AStreamEndsWhenItsOwnerMayReadNoMore) {
  serve([](const Request& request, const Respond& respond) {
    Response response = answer_with("hello\n\n");
    response.stream = true;
    response.stream_owner = request.path.substr(1);
    respond(std::move(response));
  });
  WebClient ann(port());
  ann.send("GET /ann HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(ann.until("hello\n\n"), "");
  WebClient bob(port());
  bob.send("GET /bob HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(bob.until("hello\n\n"), "");
  server_->post([this] {
    server_->publish(std::make_shared<const std::string>("still here\n"),
                     [](const std::string& owner) { return owner == "bob"; });
  });
  EXPECT_EQ(ann.rest(), "");
  EXPECT_EQ(bob.until("still here\n"), "still here\n");
}

TEST_F(HttpServerTest, AStreamWhoseReaderFallsBehindIsClosed) {
  serve(stream);
  WebClient slow(port());
  slow.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(slow.until("hello\n\n"), "");
  const Text event = std::make_shared<const std::string>(std::size_t{1} << 20, 'x');
  for (int i = 0; i < 100; ++i) {
    server_->post([this, &event] { server_->publish(event); });
  }
  // What the kernel's buffers held, then the end.
  EXPECT_LT(slow.rest().size(), std::size_t{60} << 20);
  WebClient other(port());
  other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(other.until("hello\n\n"), "");
}

// ---- Bounds ----

TEST_F(HttpServerTest, TooLargeABodyIsRefusedAtOnceAndTheAnswerArrives) {
  serve();
  WebClient client(port());
  client.send("POST /swarm HTTP/1.1\r\nHost: a\r\nContent-Length: 10485760\r\n\r\n");
  client.send(std::string(std::size_t{10} << 20, 'x'));
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 413 "));
  WebClient chunked(port());
  chunked.send("POST /swarm HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 40; ++i) chunked.send("10000\r\n" + std::string(0x10000, 'x') + "\r\n");
  EXPECT_THAT(chunked.rest(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, WhoAsksMaySendTheBody) {
  serve();
  WebClient client(port());
  client.send(
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: "
      "close\r\n\r\n");
  EXPECT_THAT(client.until("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));
  client.send("hi");
  EXPECT_THAT(client.rest(), testing::EndsWith("POST /a? hi"));
}

TEST_F(HttpServerTest, TooLargeAHeadIsRefused) {
  serve();
  WebClient client(port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, BrokenRequestsAreRefusedAndHarmNobody) {
  serve();
  for (const char* request :
       {"nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\r\n\r\n",
        "GET / HTTP/1.1\r\na b\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    WebClient client(port());
    client.send(request);
    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 400 ")) << request;
  }
  WebClient tls(port());
  tls.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  EXPECT_THAT(tls.rest(), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(WebClient(port()).get("/"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, LargeBodiesTogetherAreBoundedAndSmallOnesAlwaysTaken) {
  ServerOptions options;
  options.limits.body_bytes = 100;
  options.limits.small_body_bytes = 10;
  options.limits.bodies_bytes = 250;
  serve(echo, options);
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ";
  WebClient first(port());
  WebClient second(port());
  first.send(head + "100\r\n\r\n" + std::string(99, 'x'));
  second.send(head + "100\r\n\r\n" + std::string(99, 'x'));
  // Both are in the middle of it when this one comes.
  std::string refused;
  for (int i = 0; i < 1'000 && refused.find(" 503 ") == std::string::npos; ++i) {
    WebClient third(port());
    third.send(head + "100\r\n\r\n" + std::string(100, 'x'));
    refused = third.until("\r\n\r\n");
  }
  EXPECT_THAT(refused, HasSubstr(" 503 "));
  WebClient small(port());
  small.send(head + "10\r\nConnection: close\r\n\r\n" + std::string(10, 'x'));
  EXPECT_THAT(small.rest(), StartsWith("HTTP/1.1 200 "));
  first.send("x");
  EXPECT_THAT(first.until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, TwoHundredSlowBodiesKeepNoFormWaiting) {
  serve();
  std::vector<std::unique_ptr<WebClient>> others;
  for (int i = 0; i < 200; ++i) {
    others.push_back(std::make_unique<WebClient>(port()));
    others.back()->send(
        i % 2 == 0 ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\nx"
                   : "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n");
  }
  WebClient client(port());
  client.send(
      "POST /swarm HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\nConnection: close\r\n\r\n" +
      std::string(60'000, 'x'));
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, WhoSendsAHeadOrABodyTooSlowlyIsClosed) {
  ServerOptions options;
  options.limits.header_time = milliseconds(100);
  options.limits.body_time = milliseconds(100);
  options.limits.idle_time = milliseconds(100);
  serve(echo, options);
  WebClient slow_head(port());
  slow_head.send("GET / HT");
  EXPECT_EQ(slow_head.rest(), "");
  WebClient slow_body(port());
  slow_body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhi");
  EXPECT_EQ(slow_body.rest(), "");
  WebClient idle(port());
  idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(idle.rest(), testing::EndsWith("GET /? "));
}

TEST_F(HttpServerTest, TwoHundredSilentAndSlowClientsKeepNobodyWaiting) {
  serve(stream);
  std::vector<std::unique_ptr<WebClient>> others;
  for (int i = 0; i < 200; ++i) {
    others.push_back(std::make_unique<WebClient>(port()));
    if (i % 2 == 0) others.back()->send("GET / HT");
  }
  WebClient client(port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(client.until("hello\n\n"), "");
}

TEST_F(HttpServerTest, BeyondTheLimitTheConnectionMakesRoomThatWaitedLongest) {
  ServerOptions options;
  options.limits.connections = 3;
  serve(echo, options);
  std::vector<std::unique_ptr<WebClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<WebClient>(port()));
    clients.back()->send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(clients.back()->until("? "), "") << i;
  }
  EXPECT_EQ(clients[0]->rest(), "");
  clients[1]->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(clients[1]->until("? "), "");
}

TEST_F(HttpServerTest, BeyondTheLimitNobodyIsTakenWhileTheServerIsAtWorkForAll) {
  ServerOptions options;
  options.limits.connections = 1;
  std::mutex mutex;
  std::optional<Respond> waiting;
  std::atomic<bool> asked = false;
  serve(
      [&](Request, Respond respond) {
        const std::lock_guard lock(mutex);
        waiting = std::move(respond);
        asked = true;
      },
      options);
  WebClient first(port());
  first.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  while (!asked) std::this_thread::yield();
  EXPECT_EQ(WebClient(port()).rest(), "");
  const std::lock_guard lock(mutex);
  (*waiting)(answer_with("late"));
  EXPECT_THAT(first.rest(), testing::EndsWith("late"));
}

class UnsentAnswers : public HttpServerTest {
 protected:
  static constexpr std::size_t kBody = std::size_t{20} << 20;  // more than the kernel takes

  // Of three bodies two fit. Those who ask for /shared are sent the same.
  void SetUp() override {
    ServerOptions options;
    options.limits.unsent_bytes = kBody * 5 / 2;
    const auto shared = std::make_shared<const std::string>(kBody, 's');
    serve(
        [shared](const Request& request, const Respond& respond) {
          Response response;
          response.body =
              request.path == "/shared" ? shared : std::make_shared<const std::string>(kBody, 'x');
          respond(std::move(response));
        },
        options);
  }
  // One who reads no more than the head.
  WebClient& ask(const std::string& path) {
    clients_.push_back(std::make_unique<WebClient>(port()));
    clients_.back()->send("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_NE(clients_.back()->until("\r\n\r\n"), "");
    return *clients_.back();
  }

  std::vector<std::unique_ptr<WebClient>> clients_;
};

TEST_F(UnsentAnswers, BeyondTheirBoundWhoHasBeenTakingLongestIsClosed) {
  WebClient& first = ask("/");
  WebClient& second = ask("/");
  WebClient& third = ask("/");
  EXPECT_LT(first.rest().size(), kBody);
  EXPECT_EQ(second.rest().size(), kBody);
  EXPECT_EQ(third.rest().size(), kBody);
  EXPECT_EQ(ask("/").rest().size(), kBody);
}

TEST_F(UnsentAnswers, ABodyThatManyAreSentCountsOnce) {
  WebClient& other = ask("/");
  for (int i = 0; i < 5; ++i) (void)ask("/shared");
  EXPECT_EQ(other.rest().size(), kBody);
  for (std::size_t i = 1; i <= 5; ++i) EXPECT_EQ(clients_[i]->rest().size(), kBody);
}

TEST_F(HttpServerTest, WhoDoesNotTakeItsAnswerIsClosed) {
  ServerOptions options;
  options.limits.write_time = milliseconds(100);
  options.limits.bytes_per_second = std::size_t{1} << 30;
  const auto large = std::make_shared<const std::string>(std::size_t{100} << 20, 'x');
  serve(
      [&large](const Request& request, const Respond& respond) {
        Response response;
        response.body = request.path == "/large" ? large : nullptr;
        respond(std::move(response));
      },
      options);
  WebClient client(port());
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  const SystemClock clock;
  const TimePoint deadline = clock.now() + std::chrono::seconds(15);
  const auto sends = [&large] { return large.use_count() > 1; };
  while (!sends() && clock.now() < deadline) std::this_thread::yield();
  while (sends() && clock.now() < deadline) std::this_thread::yield();
  EXPECT_FALSE(sends());
  EXPECT_LT(client.rest().size(), large->size());
  EXPECT_THAT(WebClient(port()).get("/"), StartsWith("HTTP/1.1 200 "));
}

// ---- Files ----

TEST_F(HttpServerTest, FilesAreSentPieceByPiece) {
  std::string folder = "/tmp/locust-web-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += std::to_string(i) + "\n";
  std::ofstream(folder + "/large") << content;
  serve([&folder](const Request& request, const Respond& respond) {
    Response response;
    response.file = folder + request.path;
    respond(std::move(response));
  });
  WebClient client(port());
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.until("\r\n\r\n"),
              HasSubstr("Content-Length: " + std::to_string(content.size()) + "\r\n"));
  EXPECT_EQ(client.until("99999\n"), content);
  client.send("HEAD /large HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(client.until("\r\n\r\n"), "");
  EXPECT_THAT(client.get("/missing"), StartsWith("HTTP/1.1 500 "));
  std::filesystem::remove_all(folder);
}

// ---- Listening ----

TEST(HttpServer, NamesTheOptionsWhereItCannotListen) {
  ServerOptions options{.host = "127.0.0.1", .port = 0};
  const auto first = HttpServer::listen(options);
  ASSERT_TRUE(first) << first.error();
  options.port = (*first)->port();
  EXPECT_EQ(HttpServer::listen(options).error(),
            "--web-host/--web-port: cannot listen on 127.0.0.1:" + std::to_string(options.port) +
                ": Address already in use");
  EXPECT_THAT(HttpServer::listen({.host = "no such host", .port = 0}).error(),
              StartsWith("--web-host: no such host: "));
}

TEST(HttpServer, ListensOnAllInterfacesAtOnce) {
  const auto server = HttpServer::listen({.host = "*", .port = 0});
  ASSERT_TRUE(server) << server.error();
  EXPECT_FALSE(HttpServer::listen({.host = "*", .port = (*server)->port()}));
}

TEST(HttpServer, OnAllInterfacesOfIPv6TakesIPv4Too) {
  const auto server = HttpServer::listen({.host = "::", .port = 0});
  ASSERT_TRUE(server) << server.error();
  (*server)->start(echo);
  EXPECT_THAT(WebClient((*server)->port()).get("/x"), testing::HasSubstr("GET /x? "));
}

std::size_t append(char* data, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

TEST_F(HttpServerTest, SpeaksTlsWithAnyClient) {
  const fakes::TlsServer certificate;  // for its files
  ServerOptions options;
  options.tls = TlsFiles{certificate.ca_file(), certificate.ca_file()};
  serve(echo, options);
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  std::string body;
  const std::string url = "https://127.0.0.1:" + std::to_string(port()) + "/a";
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_CAINFO, certificate.ca_file().c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, long{kDeadlineSeconds});
  EXPECT_EQ(curl_easy_perform(curl.get()), CURLE_OK);
  EXPECT_EQ(body, "GET /a? ");
  body.clear();
  const std::string many_records(100'000, 'x');
  curl_easy_setopt(curl.get(), CURLOPT_COPYPOSTFIELDS, many_records.c_str());
  EXPECT_EQ(curl_easy_perform(curl.get()), CURLE_OK);
  EXPECT_EQ(body, "POST /a? " + many_records);
  WebClient plain(port());
  plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(plain.rest(), testing::Not(HasSubstr("200 OK")));
}

TEST_F(HttpServerTest, TlsHasForwardSecrecyAndAuthenticatedEncryptionOnly) {
  const fakes::TlsServer certificate;  // for its files
  ServerOptions options;
  options.tls = TlsFiles{certificate.ca_file(), certificate.ca_file()};
  serve(echo, options);
  const std::string url = "https://127.0.0.1:" + std::to_string(port()) + "/";
  const auto connects = [&](long version, const char* ciphers) {
    const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, certificate.ca_file().c_str());
    curl_easy_setopt(curl.get(), CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_SSLVERSION, version);
    if (ciphers != nullptr) curl_easy_setopt(curl.get(), CURLOPT_SSL_CIPHER_LIST, ciphers);
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, long{kDeadlineSeconds});
    return curl_easy_perform(curl.get());
  };
  // With CURL_SSLVERSION_MAX_TLSv1_2, which is outside the range of its own enum.
  const long tls_1_2 = long{CURL_SSLVERSION_TLSv1_2} | long{CURL_SSLVERSION_TLSv1_2} << 16;
  EXPECT_EQ(connects(tls_1_2, "ECDHE-ECDSA-AES128-GCM-SHA256"), CURLE_OK);
  EXPECT_EQ(connects(tls_1_2, "ECDHE-ECDSA-CHACHA20-POLY1305"), CURLE_OK);
  EXPECT_EQ(connects(tls_1_2, "ECDHE-ECDSA-AES128-SHA256"), CURLE_SSL_CONNECT_ERROR) << "CBC";
  EXPECT_EQ(connects(tls_1_2, "ECDHE-ECDSA-AES256-SHA"), CURLE_SSL_CONNECT_ERROR) << "CBC, SHA-1";
  EXPECT_EQ(connects(CURL_SSLVERSION_TLSv1_3, nullptr), CURLE_OK);
}

TEST(HttpServer, NamesTheTlsFileThatCannotBeUsed) {
  const fakes::TlsServer certificate;
  ServerOptions options{.host = "127.0.0.1", .port = 0};
  options.tls = TlsFiles{"/missing.pem", certificate.ca_file()};
  EXPECT_THAT(HttpServer::listen(options).error(),
              StartsWith("--tls-cert: cannot use /missing.pem"));
  options.tls = TlsFiles{certificate.ca_file(), "/missing.key"};
  EXPECT_THAT(HttpServer::listen(options).error(),
              StartsWith("--tls-key: cannot use /missing.key"));
}

}  // namespace
}  // namespace locust::master::web
