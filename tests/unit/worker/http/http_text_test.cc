// Small pure parts of the HTTP room: the errors of Python's sockets, URLs, response headers.
#include <gtest/gtest.h>

#include <cerrno>

#include "worker/http/exchange.h"
#include "worker/http/os_error.h"
#include "worker/http/url.h"

namespace locust::worker {
namespace {

TEST(PythonOsError, ChoosesTheSubclassOfOsError) {
  EXPECT_EQ(python_os_error(ECONNREFUSED), "ConnectionRefusedError(111, 'Connection refused')");
  EXPECT_EQ(python_os_error(ETIMEDOUT), "TimeoutError(110, 'Connection timed out')");
  EXPECT_EQ(python_os_error(EHOSTUNREACH), "OSError(113, 'No route to host')");
  EXPECT_EQ(python_os_error(EMFILE), "OSError(24, 'Too many open files')");
  EXPECT_EQ(python_os_error(EADDRNOTAVAIL), "OSError(99, 'Cannot assign requested address')");
}

TEST(Url, ItsOriginIsSchemeHostAndPort) {
  const auto origin = parse_origin("HTTP://User:pw@Shop.Example/a?b#c");
  ASSERT_TRUE(origin);
  EXPECT_EQ(*origin, (Origin{"http", "shop.example", "80", false}));
  EXPECT_EQ(*parse_origin("https://shop.example"), (Origin{"https", "shop.example", "443", false}));
  EXPECT_EQ(*parse_origin("http://127.0.0.1:81/"), (Origin{"http", "127.0.0.1", "81", true}));
  EXPECT_EQ(*parse_origin("http://[::1]:81/"), (Origin{"http", "::1", "81", true}));
  EXPECT_EQ(parse_origin("http://caf\xc3\xa9.example/")->host, "xn--caf-dma.example");
  EXPECT_EQ(parse_origin("http://caf%C3%A9.example/")->host, "xn--caf-dma.example");
}

TEST(Url, AProxysPortIsWhatCurlTakesIt) {
  EXPECT_EQ(*parse_proxy("http://proxy.example"), (Origin{"http", "proxy.example", "1080", false}));
  EXPECT_EQ(parse_proxy("http://proxy.example:3128/")->port, "3128");
  EXPECT_EQ(parse_proxy("https://proxy.example")->port, "443");
  EXPECT_EQ(parse_proxy("socks5h://u:p@[::1]")->port, "1080");
}

TEST(Url, ABadOneIsNamedAsInStock) {
  EXPECT_EQ(parse_origin("http://a:99999/").error(), "ValueError('Port out of range 0-65535')");
  EXPECT_EQ(parse_origin("http://[::1/").error(), "ValueError('Invalid IPv6 URL')");
  EXPECT_EQ(parse_origin("nonsense").error(), "ValueError(\"invalid URL 'nonsense'\")");
}

TEST(Url, TheOriginPrefixEndsWhereThePathBegins) {
  EXPECT_EQ(origin_prefix("http://a:1/b/c"), "http://a:1");
  EXPECT_EQ(origin_prefix("http://a?x=/"), "http://a");
  EXPECT_EQ(origin_prefix("http://a"), "http://a");
}

TEST(Url, IllegalBytesAreEncodedOnce) {
  EXPECT_EQ(encode_illegal("http://a/b c%20\xc3\xa9"), "http://a/b%20c%20%C3%A9");
  EXPECT_EQ(encode_illegal(encode_illegal("/b c")), "/b%20c");
}

TEST(HttpResponse, FindsHeadersByWholeNamesWithoutCase) {
  HttpResponse response;
  response.headers = "Content-Type:  text/html \r\nX: 1\r\nx: 2\r\nEmpty:\r\n";
  EXPECT_EQ(response.header("content-type"), "text/html");
  EXPECT_EQ(response.header("x"), "1");
  EXPECT_EQ(response.header("empty"), "");
  EXPECT_EQ(response.header("Content"), std::nullopt);
  EXPECT_EQ(response.header(""), std::nullopt);
}

TEST(HttpResponse, GivesBackABigBodysMemory) {
  HttpResponse response;
  response.body.assign(1 << 20, 'x');
  response.error_text.assign(1, 'e');
  response.clear();
  EXPECT_LT(response.body.capacity(), 1U << 15);
  EXPECT_EQ(response.error_text, "");
}

}  // namespace
}  // namespace locust::worker
