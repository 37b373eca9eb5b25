// Connections: framing, order, ends, and what is counted of them.
#include "tests/target/server.h"

#include <gmock/gmock.h>

#include <memory>

#include "tests/target/server_fixture.h"

namespace locust {
namespace {

using testing::IsEmpty;

class TargetServerTest : public TargetTest {
 protected:
  TargetClient client_{loop_, server_.port()};
};

TEST_F(TargetServerTest, AConnectionServesManyRequests) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client_.get("/").status, 200);
  EXPECT_EQ(counts()["routes"], (nlohmann::json{{"GET /", 3}}));
  EXPECT_EQ(counts()["statuses"], (nlohmann::json{{"200", 3}}));
}

TEST_F(TargetServerTest, PipelinedRequestsAreAnsweredInOrder) {
  client_.send(
      "GET /status/201 HTTP/1.1\r\n\r\n"
      "POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\none"
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
      "GET /status/202 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client_.receive().status, 201);
  EXPECT_EQ(client_.receive().json()["body"], "one");
  EXPECT_EQ(client_.receive().json()["body"], "two");
  EXPECT_EQ(client_.receive().status, 202);
}

TEST_F(TargetServerTest, ARequestBehindASlowOneWaitsForIt) {
  client_.send(
      "GET /status/201 HTTP/1.1\r\n\r\nGET /slow?ms=500 HTTP/1.1\r\n\r\n"
      "GET /status/202 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client_.receive().status, 201);
  EXPECT_TRUE(client_.stays_silent());
  EXPECT_EQ(counts()["total"], 2);
  clock_.advance(std::chrono::milliseconds(500));
  EXPECT_EQ(client_.receive().body, R"({"slept_ms":500})");
  EXPECT_EQ(client_.receive().status, 202);
  EXPECT_EQ(counts()["aborted"], 0);
}

TEST_F(TargetServerTest, ASlowRequestTakesExactlyItsTime) {
  client_.send("GET /slow HTTP/1.1\r\n\r\n");
  turn();
  clock_.advance(std::chrono::milliseconds(999));
  EXPECT_TRUE(client_.stays_silent());
  EXPECT_EQ(counts()["in_flight"], 1);
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(client_.receive().status, 200);
  EXPECT_EQ(counts()["in_flight"], 0);
}

TEST_F(TargetServerTest, ARequestMayArriveByteByByte) {
  const std::string request =
      "\r\nPOST /echo?a=1 HTTP/1.1\r\nX-Long: some value\r\nContent-Length: 4\r\n\r\nbody";
  for (int round = 0; round < 2; ++round) {
    for (const char& byte : request) {
      ASSERT_TRUE(client_.send(std::string_view(&byte, 1)));
      turn(2);
    }
    const nlohmann::json echo = client_.receive().json();
    EXPECT_EQ(echo["body"], "body");
    EXPECT_EQ(echo["query"], "a=1");
    EXPECT_EQ(echo["headers"]["X-Long"], "some value");
  }
}

TEST_F(TargetServerTest, AChunkedBodyMayArriveByteByByte) {
  const std::string request =
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;name=value\r\nHello\r\nb\r\n, \r\nworld!\n\r\n0\r\nTrailer: x\r\n\r\n";
  for (const char& byte : request) {
    ASSERT_TRUE(client_.send(std::string_view(&byte, 1)));
    turn(2);
  }
  EXPECT_EQ(client_.receive().json()["body"], "Hello, \r\nworld!\n");
  EXPECT_EQ(client_.get("/").status, 200);
}

TEST_F(TargetServerTest, ABodyMuchLargerThanTheBufferArrivesWhole) {
  const std::string body(3'000'000, 'b');
  EXPECT_EQ(client_.request("POST", "/echo", {}, body).json()["body"], body);
}

TEST_F(TargetServerTest, HeadGetsTheHeadersOfGetAndNoBody) {
  const TargetResponse head = client_.request("HEAD", "/api/products");
  const TargetResponse get = client_.get("/api/products");
  EXPECT_EQ(head.head, get.head);
  for (const std::string target : {"/bytes/100", "/chunked/3", "/api/products/42", "/gzip"}) {
    EXPECT_EQ(client_.request("HEAD", target).status, 200) << target;
    EXPECT_TRUE(client_.stays_silent()) << target;
  }
}

TEST_F(TargetServerTest, AClientThatExpectsIsToldToContinue) {
  client_.send("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client_.receive().head, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(client_.stays_silent());
  client_.send("body");
  EXPECT_EQ(client_.receive().json()["body"], "body");
}

TEST_F(TargetServerTest, AnOversizedHeadIsRefusedWhileTheClientStillSends) {
  ASSERT_TRUE(client_.send("GET / HTTP/1.1\r\nX-Big: " + std::string(200 * 1024, 'x')));
  const TargetResponse response = client_.receive();
  EXPECT_EQ(response.status, 431);
  EXPECT_TRUE(response.has_header("Connection: close"));
  EXPECT_TRUE(client_.is_closed());
  EXPECT_EQ(client_.last_error(), 0) << "an end, not a reset";
  EXPECT_EQ(counts()["malformed"], 1);
  EXPECT_EQ(counts()["total"], 0);
}

TEST_F(TargetServerTest, AHeadJustWithinTheLimitIsServed) {
  const std::string start = "GET / HTTP/1.1\r\nX-Big: ";
  const std::size_t fill = TargetRequestParser::kMaxHeadBytes - start.size() - 4;
  client_.send(start + std::string(fill, 'x') + "\r\n\r\n");
  EXPECT_EQ(client_.receive().status, 200);
}

TEST_F(TargetServerTest, ARefusedClientThatNeverEndsIsDropped) {
  client_.send("nonsense\r\n\r\n");
  EXPECT_EQ(client_.receive().status, 400);
  turn();
  EXPECT_EQ(counts()["connections"]["open"], 2);
  clock_.advance(std::chrono::seconds(2));
  turn();
  EXPECT_EQ(counts()["connections"]["open"], 1);
}

TEST_F(TargetServerTest, WhatIsNoRequestIsRefused) {
  const std::string post = "POST /echo HTTP/1.1\r\n";
  const std::vector<std::pair<std::string, int>> cases = {
      {"GET /\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\n\r\n", 400},
      {"GET / HTTP/1.1 \r\n\r\n", 400},
      {"GET nowhere HTTP/1.1\r\n\r\n", 400},
      {"G(T / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nspace : x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n: x\r\n\r\n", 400},
      {post + "Content-Length: -1\r\n\r\n", 400},
      {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {post + "Content-Length: 67108865\r\n\r\n", 413},
      {post + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n4000001\r\n", 413},
      {post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(5000, 'x'), 400},
  };
  for (const auto& [bytes, status] : cases) {
    TargetClient client(loop_, server_.port());
    client.send(bytes);
    EXPECT_EQ(client.receive().status, status) << bytes.substr(0, 80);
    EXPECT_TRUE(client.is_closed());
  }
  EXPECT_EQ(counts()["malformed"], cases.size());
}

TEST_F(TargetServerTest, Http10ClosesUnlessKeepAliveIsAskedFor) {
  client_.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(client_.receive().has_header("Connection: keep-alive"));
  client_.send("GET /chunked/2 HTTP/1.0\r\n\r\n");
  const TargetResponse response = client_.receive();
  EXPECT_EQ(response.body, "chunk 1 of 2\nchunk 2 of 2\n");
  EXPECT_TRUE(response.has_header("Connection: close"));
  EXPECT_TRUE(client_.is_closed());
}

TEST_F(TargetServerTest, AClientsConnectionCloseIsObeyed) {
  const TargetResponse response = client_.get("/", "connection: Close\r\n");
  EXPECT_TRUE(response.has_header("Connection: close"));
  EXPECT_TRUE(client_.is_closed());
}

TEST_F(TargetServerTest, TheClosingRoutesEndTheConnectionAsTheirNamesSay) {
  const TargetResponse response = client_.get("/close");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.has_header("Connection: close"));
  EXPECT_TRUE(client_.is_closed());

  TargetClient aborted(loop_, server_.port());
  EXPECT_EQ(aborted.get("/abort").status, 0);
  EXPECT_TRUE(aborted.is_closed());
  EXPECT_EQ(aborted.last_error(), 0);

  TargetClient was_reset(loop_, server_.port());
  EXPECT_EQ(was_reset.get("/reset").status, 0);
  EXPECT_TRUE(was_reset.is_closed());
  EXPECT_EQ(was_reset.last_error(), ECONNRESET);

  const nlohmann::json now = counts();
  EXPECT_EQ(now["total"], 3);
  EXPECT_EQ(now["statuses"], (nlohmann::json{{"200", 1}}));
  EXPECT_EQ(now["aborted"], 0) << "it was the server that went away";
}

TEST_F(TargetServerTest, AClientThatLeavesASlowRequestIsCountedAsAborted) {
  client_.send("GET /slow?ms=60000 HTTP/1.1\r\n\r\n");
  turn();
  EXPECT_EQ(counts()["in_flight"], 1);
  client_.close();
  turn();
  const nlohmann::json now = counts();
  EXPECT_EQ(now["aborted"], 1);
  EXPECT_EQ(now["in_flight"], 0);
  EXPECT_EQ(now["connections"]["open"], 1);
  clock_.advance(std::chrono::minutes(2));
  turn();
  EXPECT_EQ(counts()["aborted"], 1);
}

TEST_F(TargetServerTest, AClientThatLeavesABigResponseIsCountedAsAborted) {
  client_.send("GET /bytes/67108864 HTTP/1.1\r\n\r\n");
  turn();
  EXPECT_EQ(counts()["aborted"], 0);
  client_.close_with_reset();
  turn();
  EXPECT_EQ(counts()["aborted"], 1);
}

TEST_F(TargetServerTest, AClientThatLeavesAnUnfinishedRequestIsNotCounted) {
  client_.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nbody");
  turn();
  client_.close_with_reset();
  turn();
  const nlohmann::json now = counts();
  EXPECT_EQ(now["total"], 0);
  EXPECT_EQ(now["aborted"], 0);
}

TEST_F(TargetServerTest, BigResponsesAreSentWholeAndInOrder) {
  client_.send(
      "GET /bytes/20000000 HTTP/1.1\r\n\r\nGET /chunked/20000 HTTP/1.1\r\n\r\n"
      "GET /status/202 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client_.receive().body, std::string(20'000'000, 'x'));
  const std::string chunks = client_.receive().body;
  EXPECT_TRUE(chunks.starts_with("chunk 1 of 20000\nchunk 2 of 20000\n"));
  EXPECT_TRUE(chunks.ends_with("chunk 20000 of 20000\n"));
  EXPECT_EQ(client_.receive().status, 202);
  EXPECT_EQ(counts()["aborted"], 0);
}

TEST_F(TargetServerTest, IdleConnectionsAreKeptAndCounted) {
  std::vector<std::unique_ptr<TargetClient>> clients;
  for (int i = 0; i < 300; ++i)
    clients.push_back(std::make_unique<TargetClient>(loop_, server_.port()));
  for (const auto& client : clients) EXPECT_EQ(client->get("/").status, 200);
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(counts()["connections"]["open"], 302);
  for (const auto& client : clients) EXPECT_EQ(client->get("/").status, 200);
  clients.clear();
  turn();
  EXPECT_EQ(counts()["connections"]["open"], 2);
}

TEST_F(TargetServerTest, ResetZeroesTheCountersAndKeepsTheGauges) {
  client_.send("GET /slow HTTP/1.1\r\n\r\n");
  TargetClient other(loop_, server_.port());
  other.get("/");
  other.request("PURGE", "/echo");
  EXPECT_EQ(counts()["routes"]["PURGE /echo"], 1);
  EXPECT_EQ(other.request("POST", "/_reset").status, 200);
  const nlohmann::json now = other.get("/_counts").json();
  EXPECT_EQ(now["total"], 0);
  EXPECT_THAT(now["routes"], IsEmpty());
  EXPECT_THAT(now["statuses"], IsEmpty());
  EXPECT_EQ(now["connections"], (nlohmann::json{{"accepted", 0}, {"open", 2}}));
  EXPECT_EQ(now["in_flight"], 1);
}

TEST_F(TargetServerTest, APortInUseIsAnErrorThatNamesIt) {
  TargetServer second(loop_);
  const auto address = second.listen("127.0.0.1", server_.port());
  ASSERT_FALSE(address.ok());
  EXPECT_EQ(address.error(),
            "127.0.0.1:" + std::to_string(server_.port()) + ": Address already in use");
}

}  // namespace
}  // namespace locust
