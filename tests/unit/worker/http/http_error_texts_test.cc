// docs/errors.md names each failure text that the code makes, and no other: those of its table are held to stock by
// http_failure_test.cc, the others are here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/fakes/test_data.h"
#include "tests/unit/worker/http/http_fixture.h"
#include "worker/http/body_reader.h"
#include "worker/http/cookies.h"
#include "worker/http/failure.h"
#include "worker/http/os_error.h"
#include "worker/http/url.h"

namespace locust::worker {
namespace {

using Texts = std::set<std::string>;

class HttpErrorTexts : public HttpFixture {
 protected:
  static bool is_error(std::string_view text) {
    const auto name = std::ranges::find_if_not(
        text, [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
    const std::string_view called(text.begin(), name);
    return name != text.end() && *name == '(' && text.ends_with(')') &&
           (called.ends_with("rror") || called.ends_with("Exceeded") || called.ends_with("Closed"));
  }
  // Of the page, without what the table has.
  static Texts documented() {
    std::ifstream situations(in_repository("tests/data/error_texts.json"));
    Texts in_table;
    for (const auto& situation : nlohmann::json::parse(situations)) {
      in_table.insert(situation["text"].get<std::string>());
    }
    std::ifstream file(in_repository("docs/errors.md"));
    const std::string page(std::istreambuf_iterator<char>(file), {});
    Texts texts;
    bool inside = false;
    for (std::size_t begin = 0; begin < page.size(); inside = !inside) {
      const std::size_t end = std::min(page.find('`', begin), page.size());
      const std::string span = page.substr(begin, end - begin);
      if (inside && is_error(span) && !in_table.contains(span)) texts.insert(span);
      begin = end + 1;
    }
    return texts;
  }

  static std::string failure(CURLcode code, std::string_view detail, bool headers_began = false) {
    return describe_failure({.code = code,
                             .os_errno = 0,
                             .detail = detail,
                             .url = "URL",
                             .hop_url = "URL",
                             .host = "shop.example",
                             .any_response = headers_began,
                             .headers_complete = false})
        .text;
  }
  std::string body_failure(const std::string& file) {
    const std::vector<HttpBodyPart> parts = {{.file = file}};
    BodyReader reader;
    return reader.begin(parts).value_or(Failure()).text;
  }
  std::string shrunk_body_failure() {
    const std::vector<HttpBodyPart> parts = {{.file = folder_.write("shrinking", "abc")}};
    BodyReader reader;
    reader.begin(parts);
    folder_.write("shrinking", "");
    std::array<char, 8> into{};
    reader.read(into);
    return reader.failure().value_or(Failure()).text;
  }

  TemporaryFolder folder_;
};

TEST_F(HttpErrorTexts, AreThoseOfTheDocumentation) {
  ::mkfifo(folder_.path("pipe").c_str(), 0600);
  std::filesystem::create_directory(folder_.path("folder"));
  auto b = browser();
  Texts made;
  for (const int number : {EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, EMFILE, EADDRNOTAVAIL, EACCES}) {
    made.insert(python_os_error(number));
  }
  made.insert({
      fetch(*b, "ftp://shop.example/").error_text,
      parse_origin("nonsense").error(),
      failure(CURLE_URL_MALFORMAT, ""),
      invalid_cookie({"a b", "x"})->text,
      body_failure(folder_.path("nothing")),
      body_failure(folder_.path("folder")),
      body_failure(folder_.path("pipe")),
      shrunk_body_failure(),
      failure(CURLE_RECV_ERROR, "CONNECT tunnel failed, response 407"),
      failure(CURLE_PEER_FAILED_VERIFICATION, "SSL certificate problem: self-signed certificate"),
      failure(CURLE_SSL_CONNECT_ERROR, "error:0A00042E:SSL routines::tlsv1 alert protocol version"),
      failure(CURLE_SSL_CERTPROBLEM, "reason"),
      failure(CURLE_WEIRD_SERVER_REPLY, "reason"),
      failure(CURLE_HTTP2, "stream 7 was not closed cleanly"),
      failure(CURLE_OUT_OF_MEMORY, ""),
      headers_too_large_failure().text,
      transfer_encoding_failure().text,
      body_too_large_failure(EngineOptions().max_body_bytes).text,
  });
  EXPECT_EQ(documented(), made);
  // The same by another way.
  EXPECT_EQ(failure(CURLE_OUT_OF_MEMORY, "", true), headers_too_large_failure().text);
  EXPECT_EQ(failure(CURLE_RECV_ERROR, "Too large response headers: 307201 > 307200"),
            headers_too_large_failure().text);
}

TEST_F(HttpErrorTexts, NameTheHostOfAWrongCertificate) {
  const std::string text = failure(CURLE_PEER_FAILED_VERIFICATION,
                                   "SSL: no alternative certificate subject name matches target "
                                   "host name 'shop.example'");
  EXPECT_THAT(text,
              testing::HasSubstr("Hostname mismatch, certificate is not valid for 'shop.example'"));
}

}  // namespace
}  // namespace locust::worker
