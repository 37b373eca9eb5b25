#include "worker/user/evidence.h"

#include <gtest/gtest.h>

#include <string>

namespace locust::worker {
namespace {

Exchange failed_post() {
  Exchange exchange;
  exchange.request.method = "POST";
  exchange.request.url = "http://shop/login";
  exchange.request.headers = {{"Accept", "application/json"}};
  exchange.request.body = "password=hunter2";
  exchange.response.status = 503;
  exchange.response.headers = "Content-Type: text/plain\r\nServer:nginx\r\n";
  exchange.response.body = "try\nlater";
  return exchange;
}

TEST(Evidence, ShowsBothSidesButNotTheRequestsBody) {
  const FailedExchange failed = failed_exchange(failed_post());
  EXPECT_EQ(failed.request,
            "POST http://shop/login\nAccept: application/json\n(16 bytes of body)\n");
  EXPECT_EQ(failed.response, "HTTP 503\nContent-Type: text/plain\nServer: nginx\n");
  EXPECT_EQ(failed.body, "try\nlater");
  EXPECT_EQ(failed.to_text("| "),
            "| POST http://shop/login\n| Accept: application/json\n| (16 bytes of body)\n"
            "| HTTP 503\n| Content-Type: text/plain\n| Server: nginx\n| try\n| later\n");
}

TEST(Evidence, NamesThePartsOfABody) {
  Exchange exchange = failed_post();
  exchange.request.body_parts = {{.text = "--b\r\n"}, {.file = "a.pdf"}, {.text = "--b--\r\n"}};
  EXPECT_EQ(
      failed_exchange(exchange).request,
      "POST http://shop/login\nAccept: application/json\n(body of 5 bytes, a.pdf, 7 bytes)\n");
}

TEST(Evidence, MasksWhateverCarriesCredentials) {
  Exchange exchange = failed_post();
  exchange.request.url = "https://user:hunter2@shop/a:b@c?x=1";
  exchange.request.headers = {
      {"authorization", "Bearer hunter2"}, {"Proxy-Authorization", "hunter2"},
      {"Cookie", "sid=hunter2"},           {"X-API-Key", "hunter2"},
      {"X-Auth-Token", "hunter2"},         {"Client-Secret", "hunter2"}};
  exchange.response.headers = "Set-Cookie: sid=hunter2\r\n";
  exchange.response.redirected_url = "http://me:hunter2@shop/b";
  const FailedExchange failed = failed_exchange(exchange);
  EXPECT_EQ(failed.to_text("").find("hunter2"), std::string::npos) << failed.to_text("");
  EXPECT_NE(failed.request.find("https://user:***@shop/a:b@c?x=1\n"), std::string::npos);
  EXPECT_NE(failed.request.find("(redirected to http://me:***@shop/b)"), std::string::npos);
  EXPECT_NE(failed.request.find("authorization: ***\n"), std::string::npos);
}

TEST(Evidence, MasksQueriesAndBodies) {
  Exchange exchange = failed_post();
  exchange.request.url = "http://shop/in?token=hunter2&page=1";
  exchange.response.redirected_url = "http://shop/b?sig=hunter2";
  exchange.response.headers = "Location: /c?access_token=hunter2&x=1\r\n";
  exchange.response.body = "{\"user\": {\"password\": \"hunter2\"}, \"n\": 1}";
  EXPECT_EQ(failed_exchange(exchange).to_text(""),
            "POST http://shop/in?token=***&page=1\nAccept: application/json\n(16 bytes of body)\n"
            "(redirected to http://shop/b?sig=***)\nHTTP 503\nLocation: /c?access_token=***&x=1\n"
            "{\"user\": {\"password\": \"***\"}, \"n\": 1}\n");
}

TEST(Evidence, NoCutShowsPartOfASecret) {
  Exchange exchange = failed_post();
  for (std::size_t before = kEvidenceBytes - 40; before <= kEvidenceBytes; ++before) {
    for (const char* secret : {"&token=hunter2hunter2&x", "{\"pin\": \"hunter2hunter2\"}",
                               " Bearer hunter2hunter2 ", "http://a:hunter2hunter2@b/"}) {
      exchange.response.body = std::string(before, '.') + secret + std::string(9000, '.');
      EXPECT_EQ(failed_exchange(exchange).body.find("hun"), std::string::npos);
      // As the engine leaves it that was not asked for the body.
      exchange.response.content_length = exchange.response.body.size();
      exchange.response.body.resize(kEvidenceBytes);
      EXPECT_EQ(failed_exchange(exchange).body.find("hun"), std::string::npos);
    }
  }
  exchange.request.url = "http://shop/" + std::string(8180 - 17, 'u');
  exchange.request.headers = {{"X-Next", "/?token=hunter2hunter2"}};
  EXPECT_EQ(failed_exchange(exchange).request.find("hun"), std::string::npos);
}

TEST(Evidence, OfTheHeadHasNoBody) {
  const FailedExchange failed = failed_exchange(failed_post(), EvidenceLevel::kHead);
  EXPECT_EQ(failed.to_text(""),
            "POST http://shop/login\nAccept: application/json\n(16 bytes of body)\n"
            "HTTP 503\nContent-Type: text/plain\nServer: nginx\n");
}

TEST(Evidence, WithoutAResponseThereIsOnlyTheRequest) {
  Exchange exchange = failed_post();
  exchange.response.clear();
  const FailedExchange failed = failed_exchange(exchange);
  EXPECT_EQ(failed.response, "");
  EXPECT_EQ(failed.body, "");
}

TEST(Evidence, CannotSteerATerminal) {
  Exchange exchange = failed_post();
  exchange.response.headers.clear();
  exchange.response.body = "a\x1b[2Jb\rc\td";
  EXPECT_NE(failed_exchange(exchange).to_text("").find("a\\x1b[2Jb\\x0dc\td\n"), std::string::npos);
}

TEST(Evidence, IsBounded) {
  Exchange exchange = failed_post();
  exchange.request.url = "http://shop/" + std::string(100'000, 'u');
  exchange.request.headers.push_back({std::string(100'000, 'n'), std::string(100'000, 'v')});
  exchange.response.redirected_url = "http://shop/" + std::string(100'000, 'r');
  exchange.response.headers =
      "X: " + std::string(300'000, 'x') + "\r\n" + std::string(9000, 'h') + ": 1\r\n";
  exchange.response.body = std::string(1'000'000, 'y');
  const FailedExchange failed = failed_exchange(exchange);
  EXPECT_EQ(failed.request.size(), 8192U);
  EXPECT_EQ(failed.response.size(), 8192U);
  EXPECT_EQ(failed.body.size(), kEvidenceBytes);
}

}  // namespace
}  // namespace locust::worker
