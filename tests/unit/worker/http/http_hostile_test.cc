// Servers that mean no good: each ends as a failure with a text of its own, within the request's
// time and a bounded memory.
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/unit/worker/http/http_fixture.h"

namespace locust::worker {
namespace {

constexpr std::size_t kMebi = std::size_t{1} << 20;
constexpr std::string_view kBeyond64Mebi =
    "BodyLimitExceeded('the response body has more than 67108864 bytes; --max-body-size raises the "
    "limit')";

class HttpHostileTest : public HttpFixture {
 protected:
  // Says `bytes` again and again on the first connection until the request has ended or `limit`
  // times.
  void pour(Browser& b, const std::string& bytes, std::size_t limit) {
    run_until([&] { return !server.requests().empty(); });
    for (std::size_t i = 0; i < limit && !b.done; ++i) {
      server.say(1, bytes);
      loop.run_once(Duration::zero());
      loop.run_once(Duration::zero());
    }
  }
  std::string error_after(const std::string& bytes, Then then = Then::kClose) {
    server.on("/p", {bytes, then});
    auto b = browser();
    fetch(*b, server.url("/p"));
    return b->response().error_text;
  }
};

TEST_F(HttpHostileTest, EndlessHeadersAreAFailure) {
  server.on("/p", {"HTTP/1.1 200 OK\r\n"});
  auto b = browser();
  start(*b, server.url("/p"));
  pour(*b, "X-Junk: " + std::string(8000, 'x') + "\r\n", 100'000);
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().error_text, "HTTPParseError('Too large response headers', 0)");
}

TEST_F(HttpHostileTest, AHeaderLineWithoutEndIsAFailure) {
  server.on("/p", {"HTTP/1.1 200 OK\r\nX-Junk: "});
  auto b = browser();
  start(*b, server.url("/p"));
  pour(*b, std::string(8000, 'x'), 100'000);
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().error_text, "HTTPParseError('Too large response headers', 0)");
}

TEST_F(HttpHostileTest, EndlessTrailersAreAFailure) {
  server.on("/p", {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"});
  auto b = browser();
  start(*b, server.url("/p"));
  const std::size_t before = resident_bytes();
  std::string trailers;
  for (int i = 0; i < 50; ++i) trailers += "X-Junk: " + std::string(1000, 'x') + "\r\n";
  pour(*b, trailers, 100'000);
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().error_text, "HTTPParseError('Too large response headers', 0)");
  EXPECT_LT(resident_bytes(), before + 64 * kMebi);
}

TEST_F(HttpHostileTest, EndlessShortTrailersThatNobodyReadsAreAFailure) {
  server.on("/p", {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"});
  auto b = browser();
  b->request().keep_headers = b->request().keep_body = false;
  start(*b, server.url("/p"));
  const std::size_t before = resident_bytes();
  std::string trailers;
  for (int i = 0; i < 2000; ++i) trailers += "a: b\r\n";
  pour(*b, trailers, 10'000);
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().error_text, "HTTPParseError('Too large response headers', 0)");
  EXPECT_LT(resident_bytes(), before + 32 * kMebi);
}

TEST_F(HttpHostileTest, EndlessInterimResponsesAreAFailure) {
  server.on("/p", Server::Reply{});
  auto b = browser();
  start(*b, server.url("/p"));
  const std::size_t before = resident_bytes();
  std::string interim;
  for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  pour(*b, interim, 1000);
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().error_text, "HTTPParseError('Too large response headers', 0)");
  EXPECT_LT(resident_bytes(), before + 64 * kMebi);
}

TEST_F(HttpHostileTest, AGigabyteThatNobodyReadsIsCountedAndNotKept) {
  server.on("/p", {"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"});
  auto b = browser();
  b->request().keep_body = false;
  start(*b, server.url("/p"));
  run_until([&] { return !server.requests().empty(); });
  const std::size_t before = resident_bytes();
  const std::string chunk(4 * kMebi, 'x');
  for (std::size_t i = 1; i <= 256; ++i) {
    server.say(1, chunk);
    run_until([&] { return b->done || b->response().content_length >= i * chunk.size(); });
  }
  run_until([&] { return b->done; });
  EXPECT_FALSE(b->response().failed()) << b->response().error_text;
  EXPECT_EQ(b->response().content_length, 1024 * kMebi);
  EXPECT_LT(resident_bytes(), before + 64 * kMebi);
}

TEST_F(HttpHostileTest, AGigabyteThatIsReadIsAFailureAtTheLimit) {
  use({.max_body_bytes = 64 * kMebi});
  server.on("/p", {"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"});
  auto b = browser();
  start(*b, server.url("/p"));
  const std::size_t before = resident_bytes();
  pour(*b, std::string(kMebi, 'x'), 2000);
  EXPECT_EQ(b->response().error_text, kBeyond64Mebi);
  EXPECT_LT(resident_bytes(), before + 512 * kMebi);
}

// 256 MiB of zeros in 256 KiB.
std::string bomb() {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string zeros(kMebi, '\0');
  std::string out(4 * kMebi, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  for (int i = 0; i < 256; ++i) {
    stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
    stream.avail_in = static_cast<uInt>(zeros.size());
    deflate(&stream, i == 255 ? Z_FINISH : Z_NO_FLUSH);
  }
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_F(HttpHostileTest, ACompressedBombIsAFailureAtTheLimitWhetherItIsReadOrNot) {
  use({.max_body_bytes = 64 * kMebi});
  server.on("/p", Server::ok(bomb(), "Content-Encoding: gzip\r\n"));
  auto b = browser();
  const std::size_t before = resident_bytes();
  b->request().keep_body = false;
  EXPECT_EQ(fetch(*b, server.url("/p")).error_text, kBeyond64Mebi);
  EXPECT_EQ(b->response().error, HttpErrorKind::kBodyTooLarge);
  EXPECT_LT(resident_bytes(), before + 32 * kMebi);
  b->request().keep_body = true;
  EXPECT_EQ(fetch(*b, server.url("/p")).error_text, kBeyond64Mebi);
  server.on("/ok", Server::ok("ok"));
  EXPECT_EQ(fetch(*b, server.url("/ok")).body, "ok");
}

// The loop decodes a piece, then it is the others' turn.
TEST_F(HttpHostileTest, OthersAreServedWhileACompressedBombIsDecoded) {
  server.on("/p", Server::ok(bomb(), "Content-Encoding: gzip\r\n"));
  server.on("/ok", Server::ok("ok"));
  auto b = browser();
  b->request().keep_body = false;
  start(*b, server.url("/p"));
  std::size_t most_per_turn = 0;
  std::size_t answered = 0;
  auto visitor = browser();
  start(*visitor, server.url("/ok"));
  while (!b->done) {
    const std::uint64_t decoded = b->response().content_length;
    loop.run_once(std::chrono::milliseconds(2));
    most_per_turn = std::max(most_per_turn, b->response().content_length - decoded);
    if (!visitor->done) continue;
    ++answered;
    start(*visitor, server.url("/ok"));
  }
  EXPECT_EQ(b->response().error_text, "");
  EXPECT_EQ(b->response().content_length, 256 * kMebi);
  EXPECT_LT(most_per_turn, kMebi);
  EXPECT_GT(answered, 50U);
}

TEST_F(HttpHostileTest, ACompressedBombEndsWithTheRequestsTimeOrWhenItIsCancelled) {
  server.on("/p", Server::ok(bomb(), "Content-Encoding: gzip\r\n"));
  server.on("/ok", Server::ok("ok"));
  auto b = browser();
  const auto start_decoding = [&] {
    start(*b, server.url("/p"));
    run_until([&] { return b->response().content_length > kMebi; });
  };
  start_decoding();
  clock.advance(b->request().timeout);
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().error_text, "TimeoutError('timed out')");
  EXPECT_LT(b->response().content_length, 16 * kMebi);

  start_decoding();
  engine->cancel(b->exchange);
  settle();
  EXPECT_EQ(fetch(*b, server.url("/ok")).body, "ok");

  start_decoding();
  b->client.reset();
  settle();
  EXPECT_FALSE(b->done);
}

TEST_F(HttpHostileTest, WrongLengthsAreFailuresOrEndTheConnection) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(error_after(ok + "Content-Length: 10\r\n\r\nabc"),
            "HTTPParseError('Incomplete response.')");
  EXPECT_EQ(error_after(ok + "Content-Length: -5\r\n\r\nabc"),
            "HTTPParseError('Invalid character in Content-Length', 11)");
  const std::string five = "\r\n\r\nabcde";
  EXPECT_EQ(error_after(ok + "Content-Length: 5\r\ncontent-length: 5" + five), "");
  EXPECT_EQ(error_after(ok + "Content-Length: 5, 5" + five), "");
  EXPECT_EQ(error_after(ok + "Content-Length: 5, 6" + five),
            "HTTPParseError('Duplicate Content-Length', 4)");
  EXPECT_EQ(error_after(ok + "Content-Length: 9223372036854775808" + five),
            "HTTPParseError('Content-Length overflow', 11)");
  EXPECT_EQ(error_after(ok + "Content-Length: 5abc" + five),
            "HTTPParseError('Invalid character in Content-Length', 11)");
  EXPECT_EQ(error_after("HTTP/1.1 500 Broken\r\nContent-Length: 5\r\nContent-Length: 6" + five),
            "HTTPParseError('Duplicate Content-Length', 4)");
  EXPECT_EQ(error_after(ok + "Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            "")
      << "a length beside chunks has no meaning";
  EXPECT_EQ(error_after(ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: x\r\n\r\n"),
            "")
      << "nor in the trailers";
  EXPECT_EQ(error_after(ok + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nabc"),
            "HTTPParseError('Invalid character in chunk size', 12)");
  EXPECT_EQ(error_after(ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n"),
            "HTTPParseError('Invalid character in chunk size', 12)");
}

TEST_F(HttpHostileTest, ATransferCodingThatNobodyAskedForIsAFailure) {
  for (const char* coding : {"xchunked", "chunkedx", "gzip, chunked", "chunked, x", "br"}) {
    EXPECT_EQ(error_after("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + std::string(coding) +
                          "\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
              "HTTPParseError('Unknown Transfer-Encoding', 15)")
        << coding;
  }
  EXPECT_EQ(error_after("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabc"), "");
  EXPECT_EQ(error_after("HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n"), "");
}

TEST_F(HttpHostileTest, WhatIsLeftOverIsNoResponseToTheNextRequest) {
  server.on("/p", {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
                   "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"});
  server.on("/next", Server::ok("next"));
  auto b = browser();
  EXPECT_EQ(fetch(*b, server.url("/p")).body, "abc");
  EXPECT_EQ(fetch(*b, server.url("/next")).body, "next");
}

TEST_F(HttpHostileTest, TenThousandRedirectsEndAtTheLimit) {
  server.on("/p", Server::redirect(302, "/p"));
  auto b = browser();
  b->request().max_redirects = 10'000;
  start(*b, server.url("/p"));
  for (int turns = 0; !b->done && turns < 1'000'000; ++turns)
    loop.run_once(std::chrono::milliseconds(2));
  EXPECT_EQ(b->response().error_text,
            "RetriesExceeded('" + server.url("/p") + "', 'Redirection limit reached (10000)')");
  EXPECT_EQ(server.requests().size(), 10'001U);
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpHostileTest, AServerThatAcceptsNothingEndsWithTheRequestsTime) {
  const DeafPort deaf("127.0.0.1");
  const std::string url = "http://127.0.0.1:" + std::to_string(deaf.port()) + "/";
  auto b = browser();
  start(*b, url);
  settle();
  EXPECT_FALSE(b->done);
  clock.advance(b->request().timeout);
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().error_text, "RetriesExceeded('" + url + "', 0, original=timed out)");
}

TEST_F(HttpHostileTest, AServerThatReadsNothingEndsWithTheRequestsTime) {
  server.on_bytes([] { return Server::Reply{}; });
  auto b = browser();
  b->request().method = "POST";
  b->request().body = std::string(64 * kMebi, 'x');
  start(*b, server.url("/p"));
  settle();
  clock.advance(b->request().timeout);
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().error_text,
            "RetriesExceeded('" + server.url("/p") + "', 0, original=timed out)");
}

}  // namespace
}  // namespace locust::worker
