#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/tls_server.h"
#include "tests/unit/worker/http/http_fixture.h"

namespace locust::worker {
namespace {

using testing::HasSubstr;

class HttpTlsTest : public HttpFixture {
 protected:
  HttpTlsTest() {
    use({.resolver = {.lookup = [](const std::string&) {
           return LookupResult{{"127.0.0.1"}, ""};
         }}});
  }
  std::string url(const std::string& host = "127.0.0.1") {
    return "https://" + host + ":" + std::to_string(tls.port()) + "/";
  }

  fakes::TlsServer tls;
};

TEST_F(HttpTlsTest, RefusesAnUnknownCertificateAndNamesTheWayOut) {
  auto b = browser();
  EXPECT_EQ(fetch(*b, url()).error, HttpErrorKind::kTls);
  EXPECT_THAT(b->response().error_text, HasSubstr("self-signed certificate"));
  EXPECT_THAT(b->response().error_text, HasSubstr("verify: false"));
}

TEST_F(HttpTlsTest, AcceptsItWithoutVerification) {
  auto b = browser();
  b->request().route.verify = false;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(fetch(*b, url()).body, "hello");
  EXPECT_EQ(tls.accepted(), 1);
  EXPECT_GT(b->response().phases.first_byte, Duration::zero());
}

TEST_F(HttpTlsTest, AConnectionMadeWithoutVerificationServesNoVerifiedRequest) {
  auto b = browser();
  b->request().route.verify = false;
  EXPECT_EQ(fetch(*b, url()).body, "hello");
  b->request().route.verify = true;
  EXPECT_EQ(fetch(*b, url()).error, HttpErrorKind::kTls);
}

TEST_F(HttpTlsTest, VerifiesByTheEnginesOrTheRequestsBundle) {
  auto b = browser();
  b->request().route.ca_file = tls.ca_file();
  EXPECT_EQ(fetch(*b, url()).body, "hello");

  b.reset();
  use({.ca_file = tls.ca_file()});
  auto other = browser();
  EXPECT_EQ(fetch(*other, url()).body, "hello");
}

TEST_F(HttpTlsTest, RefusesACertificateForAnotherName) {
  auto b = browser();
  b->request().route.ca_file = tls.ca_file();
  EXPECT_EQ(fetch(*b, url("shop.example")).error, HttpErrorKind::kTls);
  EXPECT_THAT(b->response().error_text,
              HasSubstr("Hostname mismatch, certificate is not valid for"));
}

}  // namespace
}  // namespace locust::worker
