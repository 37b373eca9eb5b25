// Content codings: what is decoded, what is ignored behind it, and what counts as cut off.
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/unit/worker/http/http_fixture.h"

namespace locust::worker {
namespace {

constexpr int kGzipFormat = 15 + 16;
constexpr int kZlibFormat = 15;
constexpr int kRawFormat = -15;

std::string compressed(const std::string& text, int format = kGzipFormat) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY);
  std::string in = text;
  std::string out(deflateBound(&stream, in.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// "hello", as the brotli and zstd programs write it.
const std::string kHelloInBrotli("\x0b\x02\x80hello\x03", 9);
const std::string kHelloInZstd("\x28\xb5\x2f\xfd\x00\x58\x29\x00\x00hello", 14);

class HttpDecodingTest : public HttpFixture {
 protected:
  // What comes of a body, whole and in pieces of one byte: its text, or why it failed.
  std::string decoded(const std::string& bytes, const std::string& coding) {
    server.on("/whole", Server::ok(bytes, "Content-Encoding: " + coding + "\r\n"));
    std::string chunks =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: " + coding + "\r\n\r\n";
    for (const char c : bytes) chunks += "1\r\n" + std::string(1, c) + "\r\n";
    server.on("/pieces", Server::Reply{chunks + "0\r\n\r\n"});
    auto b = browser();
    const auto result = [](const HttpResponse& r) { return r.failed() ? r.error_text : r.body; };
    const std::string whole = result(fetch(*b, server.url("/whole")));
    EXPECT_EQ(result(fetch(*b, server.url("/pieces"))), whole);
    return whole;
  }
};

constexpr std::string_view kCutOff =
    "error('Error -5 while decompressing data: incomplete or truncated stream')";

// RFC 1952, 2.2: the members' contents follow each other.
TEST_F(HttpDecodingTest, AGzipBodyMayHaveSeveralMembers) {
  EXPECT_EQ(decoded(compressed("hello ") + compressed("members"), "gzip"), "hello members");
  EXPECT_EQ(decoded(compressed("a") + compressed("") + compressed("b"), "gzip"), "ab");
  const std::string big(1'000'000, 'x');
  EXPECT_EQ(decoded(compressed(big) + compressed("end"), "gzip"), big + "end");
}

TEST_F(HttpDecodingTest, WhatFollowsTheEndOfTheStreamIsIgnored) {
  for (const std::string& rest : {std::string(8, '\0'), std::string("junk"), std::string("\x1f"),
                                  std::string("\x1f\x1f\x8b"), std::string("\x8b\x1f")}) {
    EXPECT_EQ(decoded(compressed("hello") + rest, "gzip"), "hello");
    EXPECT_EQ(decoded(compressed("hello", kZlibFormat) + rest, "deflate"), "hello");
    EXPECT_EQ(decoded(compressed("hello", kRawFormat) + rest, "deflate"), "hello");
  }
}

TEST_F(HttpDecodingTest, DeflateIsRawOrHasZlibsHeader) {
  EXPECT_EQ(decoded(compressed("hello", kZlibFormat), "deflate"), "hello");
  EXPECT_EQ(decoded(compressed("hello", kRawFormat), "deflate"), "hello");
  EXPECT_EQ(decoded(compressed("", kRawFormat), "deflate"), "");
}

TEST_F(HttpDecodingTest, CodingsHaveSeveralNamesAndMayBeAppliedOneOnAnother) {
  const std::string once = compressed("hello");
  EXPECT_EQ(decoded(once, "x-gzip"), "hello");
  EXPECT_EQ(decoded(once, "GZip"), "hello");
  EXPECT_EQ(decoded(once, " gzip ,"), "hello");
  EXPECT_EQ(decoded(compressed(once), "gzip, gzip"), "hello");
  EXPECT_EQ(decoded(compressed(once), "gzip\r\nContent-Encoding: gzip"), "hello");
  EXPECT_EQ(decoded(compressed(kHelloInBrotli), "br, gzip"), "hello");
  EXPECT_EQ(decoded(compressed(once, kZlibFormat), "gzip, identity, deflate"), "hello");
  EXPECT_EQ(decoded("hello", "identity"), "hello");
  EXPECT_EQ(decoded("hello", "none"), "hello");
  const std::string big(1'000'000, 'x');
  EXPECT_EQ(decoded(compressed(compressed(big)), "gzip, gzip"), big);
}

TEST_F(HttpDecodingTest, BrotliEndsWithItsBody) {
  EXPECT_EQ(decoded(kHelloInBrotli, "br"), "hello");
  EXPECT_EQ(decoded(kHelloInBrotli + "x", "br"), "error('brotli: decoder failed')");
  EXPECT_EQ(decoded(kHelloInBrotli.substr(0, 6), "br"), "error('brotli: decoder failed')");
}

#ifdef LOCUST_HAS_ZSTD
TEST_F(HttpDecodingTest, AZstdBodyMayHaveSeveralFrames) {
  EXPECT_EQ(decoded(kHelloInZstd, "zstd"), "hello");
  EXPECT_EQ(decoded(kHelloInZstd + kHelloInZstd, "zstd"), "hellohello");
  EXPECT_EQ(decoded(kHelloInZstd.substr(0, 12), "zstd"), "error('zstd: decoder failed')");
  EXPECT_EQ(decoded("junk", "zstd"), "error('zstd: decoder failed')");
}
#endif

TEST_F(HttpDecodingTest, ABodyThatIsCutOffIsAFailureWherever) {
  const std::string gzip = compressed("hello");
  for (std::size_t size = 1; size < gzip.size(); ++size) {
    EXPECT_EQ(decoded(gzip.substr(0, size), "gzip"), kCutOff) << size;
    // One byte could be anything.
    EXPECT_EQ(decoded(gzip + gzip.substr(0, size), "gzip"), size > 1 ? kCutOff : "hello") << size;
    EXPECT_EQ(decoded(compressed(gzip.substr(0, size)), "gzip, gzip"), kCutOff) << size;
  }
  const std::string zlib = compressed("hello", kZlibFormat);
  for (std::size_t size = 1; size < zlib.size(); ++size) {
    EXPECT_EQ(decoded(zlib.substr(0, size), "deflate"), kCutOff) << size;
  }
}

TEST_F(HttpDecodingTest, ABrokenBodyIsAFailureThatSaysWhatIsWrong) {
  std::string wrong = compressed("hello");
  wrong[wrong.size() - 6] ^= 1;
  EXPECT_EQ(decoded(wrong, "gzip"),
            "error('Error -3 while decompressing data: incorrect data check')");
  EXPECT_EQ(decoded(compressed("hello") + wrong, "gzip"),
            "error('Error -3 while decompressing data: incorrect data check')");
  EXPECT_EQ(decoded("hello", "gzip, xyz"), "ValueError('Unknown content encoding: gzip, xyz')");
  EXPECT_EQ(decoded("hello", "gzip,gzip,gzip,gzip,gzip,gzip"),
            "ValueError('Unknown content encoding: gzip,gzip,gzip,gzip,gzip,gzip')");
  EXPECT_EQ(decoded("hello", std::string(1000, 'q')),
            "ValueError('Unknown content encoding: " + std::string(100, 'q') + "')");
}

TEST_F(HttpDecodingTest, NoBodyNeedsNoDecoding) {
  auto b = browser();
  for (const char* coding : {"gzip", "deflate", "br", "xyz", "gzip, gzip"}) {
    EXPECT_EQ(decoded("", coding), "");
    const std::string line = "Content-Encoding: " + std::string(coding) + "\r\n";
    server.on("/204", Server::Reply{"HTTP/1.1 204 No Content\r\n" + line + "\r\n"});
    EXPECT_EQ(fetch(*b, server.url("/204")).error_text, "");
    server.on("/head", Server::Reply{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n" + line + "\r\n"});
    b->request().method = "HEAD";
    EXPECT_EQ(fetch(*b, server.url("/head")).error_text, "");
    b->request().method = "GET";
  }
}

}  // namespace
}  // namespace locust::worker
