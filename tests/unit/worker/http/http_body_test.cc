// Bodies of files: streamed, sent again where a request is, bounded in memory.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/worker/http/http_fixture.h"

namespace locust::worker {
namespace {

constexpr std::size_t kMega = std::size_t{1} << 20;

class HttpBodyTest : public HttpFixture {
 protected:
  HttpBodyTest() { server.on("/", Server::ok("ok")); }

  std::string error_of(const std::string& file) {
    auto b = browser();
    b->request().method = "POST";
    b->request().body_parts = {{.text = "before"}, {.file = file}};
    EXPECT_EQ(fetch(*b, server.url("/")).status, 0);
    return b->response().error_text;
  }

  TemporaryFolder folder;
};

TEST_F(HttpBodyTest, PartsAreSentInOrderWithTheirLength) {
  auto b = browser();
  const std::string file = folder.write("a.bin", std::string("a\0b\r\n", 5));
  b->request().body_parts = {{.text = "<"},  {.file = file}, {.text = ">"},
                             {.text = "<<"}, {.file = file}, {.file = folder.write("empty", "")}};
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    b->request().method = method;
    EXPECT_EQ(fetch(*b, server.url("/")).status, 200);
    EXPECT_EQ(server.requests().back().body, std::string("<a\0b\r\n><<a\0b\r\n", 14));
    EXPECT_EQ(server.requests().back().header("Content-Length"), "14");
    EXPECT_EQ(server.requests().back().header("Expect"), std::nullopt);
  }
  b->request().body_parts.clear();
  b->request().method = "POST";
  b->request().body = "text";
  fetch(*b, server.url("/"));
  EXPECT_EQ(server.requests().back().body, "text");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpBodyTest, AnEmptyFileIsABodyOfNothing) {
  auto b = browser();
  b->request().method = "POST";
  b->request().body_parts = {{.file = folder.write("empty", "")}};
  EXPECT_EQ(fetch(*b, server.url("/")).status, 200);
  EXPECT_EQ(server.requests().back().header("Content-Length"), "0");
}

TEST_F(HttpBodyTest, EachRequestSendsTheFileAsItIsThen) {
  auto b = browser();
  b->request().method = "POST";
  b->request().body_parts = {{.file = folder.write("a.txt", "first")}};
  fetch(*b, server.url("/"));
  folder.write("a.txt", "the second");
  fetch(*b, server.url("/"));
  EXPECT_EQ(server.requests()[0].body, "first");
  EXPECT_EQ(server.requests()[1].body, "the second");
}

TEST_F(HttpBodyTest, ItIsSentAgainOn307And308ButNotOn303) {
  auto b = browser();
  b->request().method = "POST";
  b->request().body_parts = {{.file = folder.write("a.txt", "order")}};
  server.on("/307", Server::redirect(307, "/308"));
  server.on("/308", Server::redirect(308, "/303"));
  server.on("/303", Server::redirect(303, "/"));
  EXPECT_EQ(fetch(*b, server.url("/307")).body, "ok");
  ASSERT_EQ(server.requests().size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(server.requests()[i].body, "order");
  EXPECT_EQ(server.requests()[3].body, "");
  EXPECT_EQ(server.requests()[3].method, "GET");
}

TEST_F(HttpBodyTest, ItIsSentAgainOnANewConnectionIfTheOldOneIsClosed) {
  bool closed = false;
  server.on("/", [&closed](const Server::Request& request) {
    if (request.connection == 1 && request.body == "twice") {
      closed = true;
      return Server::Reply{"", Then::kClose};
    }
    return Server::ok("ok");
  });
  auto b = browser();
  b->request().method = "PUT";
  b->request().body_parts = {{.text = "o"}, {.file = folder.write("a.txt", "nce")}};
  EXPECT_EQ(fetch(*b, server.url("/")).body, "ok");
  b->request().body_parts = {{.text = "tw"}, {.file = folder.write("a.txt", "ice")}};
  EXPECT_EQ(fetch(*b, server.url("/")).body, "ok");
  EXPECT_TRUE(closed);
  EXPECT_EQ(server.requests().back().connection, 2);
  EXPECT_EQ(server.requests().back().body, "twice");
}

TEST_F(HttpBodyTest, WhatCannotBeReadIsAFailureBeforeAnythingIsSent) {
  EXPECT_EQ(error_of(folder.path("none")), "FileNotFoundError(2, 'No such file or directory')");
  EXPECT_EQ(error_of(folder.path("")), "IsADirectoryError(21, 'Is a directory')");
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(error_of(folder.path("pipe")), "OSError('the body is not a regular file')");
  EXPECT_EQ(server.accepted(), 0);
  auto b = browser();
  EXPECT_EQ(fetch(*b, server.url("/")).body, "ok");
}

TEST_F(HttpBodyTest, AFileThatShrinksOrVanishesOnItsWayIsAFailure) {
  server.keep_no_bodies();
  const std::string big = folder.write_zeros("big", 64 * kMega);
  auto b = browser();
  b->request().method = "POST";
  b->request().body_parts = {{.file = big}, {.file = folder.write("small", "x")}};
  start(*b, server.url("/"));
  run_until([&] { return server.accepted() == 1; });
  std::filesystem::resize_file(big, kMega / 2);
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().error_text, "OSError('the file became shorter while it was sent')");
  EXPECT_EQ(b->response().error, HttpErrorKind::kBodyFile);

  std::filesystem::resize_file(big, 64 * kMega);
  start(*b, server.url("/"));
  run_until([&] { return server.accepted() == 2; });
  std::filesystem::remove(folder.path("small"));
  run_until([&] { return b->done; });
  EXPECT_EQ(b->response().error_text, "FileNotFoundError(2, 'No such file or directory')");

  b->request().body_parts = {{.file = folder.write("small", "x")}};
  EXPECT_EQ(fetch(*b, server.url("/")).body, "ok") << "the failure is forgotten";
}

TEST_F(HttpBodyTest, AQuarterOfAGigabyteNeedsNoMemory) {
  server.keep_no_bodies();
  const std::string big = folder.write_zeros("big", 256 * kMega);
  auto b = browser();
  b->request().method = "PUT";
  b->request().body_parts = {{.file = folder.write_zeros("small", kMega)}};
  fetch(*b, server.url("/"));  // so that buffers are there
  b->request().body_parts = {{.text = "head"}, {.file = big}, {.text = "tail"}};
  const std::size_t before = resident_bytes();
  std::size_t most = before;
  start(*b, server.url("/"));
  for (int turns = 0; !b->done && turns < 1'000'000; ++turns) {
    loop.run_once(std::chrono::milliseconds(2));
    if (turns % 100 == 0) most = std::max(most, resident_bytes());
  }
  EXPECT_EQ(b->response().body, "ok");
  EXPECT_EQ(server.requests().back().body_bytes, 256 * kMega + 8);
  EXPECT_LT(most, before + 32 * kMega);  // AddressSanitizer keeps freed memory for a while
}

TEST_F(HttpBodyTest, AServerThatAnswersEarlyGetsNoMoreOfIt) {
  server.on_bytes([] {
    return Server::Reply{"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", Then::kClose};
  });
  auto b = browser();
  b->request().method = "POST";
  b->request().body_parts = {{.file = folder.write_zeros("big", 64 * kMega)}};
  fetch(*b, server.url("/"));
  EXPECT_TRUE(b->response().status == 413 || b->response().failed());
}

TEST_F(HttpBodyTest, NoFileStaysOpen) {
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  auto b = browser();
  b->request().method = "POST";
  b->request().body_parts = {{.file = folder.write("a.txt", "order")}};
  fetch(*b, server.url("/"));
  const auto before = open_files();
  fetch(*b, server.url("/"));
  EXPECT_EQ(open_files(), before);
  b->request().body_parts = {{.file = folder.write_zeros("big", 64 * kMega)}};
  start(*b, server.url("/"));
  settle();
  engine->cancel(b->exchange);
  settle();
  EXPECT_LE(open_files(), before);
}

}  // namespace
}  // namespace locust::worker
