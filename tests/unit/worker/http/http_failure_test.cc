// The failure texts of tests/data/error_texts.json, which tests/conformance/test_error_texts.py records
// from newest FastHttpUser, come from our engine in the same situations.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/fakes/test_data.h"
#include "tests/unit/worker/http/http_fixture.h"

namespace locust::worker {
namespace {

nlohmann::json load_situations() {
  std::ifstream file(in_repository("tests/data/error_texts.json"));
  return nlohmann::json::parse(file);
}

class HttpFailureTest : public HttpFixture, public testing::WithParamInterface<nlohmann::json> {
 protected:
  // What the server of the situation says and does when `request` has come.
  void script(const nlohmann::json& situation) {
    then = situation.value("then", "keep");
    bytes = situation.value("send", "");
    server.on("/p", [this](const Server::Request&) { return reply(); });
    if (then == "close at once") server.on_accept(Then::kClose);
    if (situation.value("raw", false)) server.on_bytes([this] { return reply(); });
  }
  Server::Reply reply() const {
    if (then == "close") return {bytes, Then::kClose};
    if (then == "reset") return {bytes, Then::kReset};
    return {bytes, Then::kKeep};
  }

  std::string then;
  std::string bytes;
};

TEST_P(HttpFailureTest, IsNamedAsInStock) {
  const nlohmann::json& situation = GetParam();
  use({.resolver = {.lookup = [](const std::string&) {
         return LookupResult{{}, "gaierror(-2, 'Name or service not known')"};
       }}});
  script(situation);
  auto b = browser();
  b->request().method = situation.value("method", "GET");
  const auto headers = situation.value("headers", nlohmann::json::object());
  for (const auto& [name, value] : headers.items()) b->request().headers.push_back({name, value});
  const std::string own =
      situation.value("scheme", "http") + "://127.0.0.1:" + std::to_string(server.port()) + "/p";
  const std::string url = situation.value("url", own);

  start(*b, url);
  if (situation.value("times_out", false)) {
    settle();
    clock.advance(b->request().timeout);
  }
  if (then == "reset later") {
    run_until([&] { return server.accepted() == 1 && !server.requests().empty(); });
    settle();
    server.say(1, "", Then::kReset);
  }
  run_until([&] { return b->done; });

  std::string expected = situation["text"];
  if (const auto at = expected.find("URL'"); at != std::string::npos && expected[at - 1] == '\'')
    expected.replace(at, 3, url);
  EXPECT_EQ(b->response().error_text, expected);
  EXPECT_NE(b->response().error, HttpErrorKind::kNone);
  EXPECT_EQ(b->response().status, situation.value("status", 0));
}

TEST_P(HttpFailureTest, StandsInTheDocumentation) {
  std::ifstream file(in_repository("docs/errors.md"));
  std::stringstream page;
  page << file.rdbuf();
  const std::string row = GetParam()["situation"].get<std::string>() + " | `" +
                          GetParam()["text"].get<std::string>() + "`";
  EXPECT_NE(page.str().find(row), std::string::npos) << row;
}

INSTANTIATE_TEST_SUITE_P(Situations, HttpFailureTest, testing::ValuesIn([] {
                           const auto all = load_situations();
                           return std::vector<nlohmann::json>(all.begin(), all.end());
                         }()),
                         [](const auto& test) {
                           std::string name = test.param["situation"];
                           for (char& c : name)
                             if (c == ' ') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace locust::worker
