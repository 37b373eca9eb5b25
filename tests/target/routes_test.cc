// What each route answers.
#include "tests/target/routes.h"

#include <zlib.h>

#include "tests/target/server_fixture.h"

namespace locust {
namespace {

class TargetRoutesTest : public TargetTest {
 protected:
  TargetResponse get(std::string_view target, std::string_view headers = {}) {
    return request("GET", target, headers);
  }
  TargetResponse post(std::string_view target, std::string_view body,
                      std::string_view headers = {}) {
    return request("POST", target, headers, body);
  }
  TargetResponse request(std::string_view method, std::string_view target,
                         std::string_view headers = {}, std::string_view body = {}) {
    return TargetClient(loop_, server_.port()).request(method, target, headers, body);
  }
};

std::string gunzip(std::string compressed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string text(100'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

TEST_F(TargetRoutesTest, TheShopListsAndShowsProducts) {
  EXPECT_EQ(get("/api/products").json()["products"][0]["id"], 1);
  EXPECT_EQ(get("/api/products/42").json()["id"], 42);
  for (const std::string id : {"0", "x", "-1", "99999999999", "1/2", ""})
    EXPECT_EQ(get("/api/products/" + id).status, 404) << id;
  const nlohmann::json routes = counts()["routes"];
  EXPECT_EQ(routes["GET /api/products/{id}"], 5) << "two segments or none are not its pattern";
  EXPECT_EQ(routes["GET (not found)"], 2);
}

TEST_F(TargetRoutesTest, TheCartTakesAJsonObjectOnly) {
  const nlohmann::json added = post("/api/cart", R"({"product_id": 42, "quantity": 3})").json();
  EXPECT_EQ(added["product_id"], 42);
  EXPECT_EQ(added["quantity"], 3);
  EXPECT_EQ(post("/api/cart", "{}").status, 200);
  for (const std::string body : {"", "{", "[]", "42", "\xff"})
    EXPECT_EQ(post("/api/cart", body).status, 400) << body;
  EXPECT_EQ(post("/api/cart", std::string(100'000, '[')).status, 400);
}

TEST_F(TargetRoutesTest, LoginGivesATokenForARightPasswordOnly) {
  const auto login = [&](std::string_view body) { return post("/api/auth/login", body).status; };
  EXPECT_EQ(login(R"({"email": "a@b.c", "password": "right"})"), 200);
  EXPECT_EQ(login(R"({"email": "a@b.c", "password": "wrong"})"), 401);
  EXPECT_EQ(login(R"({"email": "a@b.c"})"), 400);
  EXPECT_EQ(login(R"({"email": 1, "password": "right"})"), 400);
  EXPECT_EQ(login("email=a@b.c"), 400);
}

TEST_F(TargetRoutesTest, TheAccountRoutesNeedATokenThatWasIssued) {
  const std::string alice = log_in("alice@example.com");
  const std::string bob = log_in("bob@example.com");
  ASSERT_NE(alice, bob);
  for (const std::string path :
       {"/api/dashboard", "/api/orders", "/api/orders/1", "/api/profile"}) {
    EXPECT_EQ(get(path).status, 401) << path;
    EXPECT_EQ(get(path, "Authorization: Bearer 0123456789abcdef\r\n").status, 401) << path;
    EXPECT_EQ(get(path, "Authorization: Bearer nothing\r\n").status, 401) << path;
    EXPECT_EQ(get(path, alice).status, 200) << path;
  }
  EXPECT_EQ(get("/api/profile", alice).json()["email"], "alice@example.com");
  EXPECT_EQ(get("/api/profile", bob).json()["email"], "bob@example.com");
}

TEST_F(TargetRoutesTest, LogoutEndsItsSessionAlone) {
  const std::string alice = log_in();
  const std::string bob = log_in();
  EXPECT_EQ(post("/api/auth/logout", "", alice).status, 200);
  EXPECT_EQ(get("/api/profile", alice).status, 401);
  EXPECT_EQ(get("/api/profile", bob).status, 200);
  EXPECT_EQ(post("/api/auth/logout", "").status, 200);
}

TEST_F(TargetRoutesTest, OrdersComeInPagesWhoseFirstIsOpen) {
  const std::string login = log_in();
  EXPECT_EQ(get("/api/orders", login).body, get("/api/orders?page=1", login).body);
  for (const int page : {1, 2, 9}) {
    const nlohmann::json orders =
        get("/api/orders?page=" + std::to_string(page), login).json()["orders"];
    ASSERT_EQ(orders.size(), 10U);
    EXPECT_EQ(orders[0]["id"], (page - 1) * 10 + 1);
    const std::string first = orders[0]["id"].dump();
    EXPECT_EQ(get("/api/orders/" + first, login).json()["status"], "open");
  }
  for (const std::string page : {"0", "x", "", "99999999"})
    EXPECT_EQ(get("/api/orders?page=" + page, login).status, 400) << page;
  EXPECT_EQ(get("/api/orders/0", login).status, 404);
}

TEST_F(TargetRoutesTest, AnOauthTokenExpires) {
  const auto token = [&](std::string_view form) { return post("/oauth/token", form); };
  const TargetResponse given =
      token("grant_type=client_credentials&client_id=me&client_secret=secret");
  const std::string header =
      "Authorization: Bearer " + given.json().value("access_token", "none") + "\r\n";
  for (int i = 0; i < TargetRoutes::kOauthRequests; ++i)
    EXPECT_EQ(get("/api/orders", header).status, 200) << i;
  EXPECT_EQ(get("/api/orders", header).status, 401);
  EXPECT_EQ(token("grant_type=client_credentials&client_id=me&client_secret=no").status, 401);
  for (const std::string form : {"", "grant_type=password&client_id=me&client_secret=secret",
                                 "grant_type=client_credentials&client_secret=secret"})
    EXPECT_EQ(token(form).status, 400) << form;
}

TEST_F(TargetRoutesTest, ItemsComeInPagesThatNameTheNext) {
  std::string page = "/api/items";
  std::vector<int> ids;
  while (!page.empty()) {
    const nlohmann::json items = get(page).json();
    for (const auto& item : items["items"]) ids.push_back(item["id"]);
    page = items["next"].is_null() ? "" : items["next"].get<std::string>();
  }
  EXPECT_EQ(ids.size(), 15U);
  EXPECT_EQ(get("/api/items/" + std::to_string(ids.back())).json()["id"], ids.back());
  EXPECT_EQ(get("/api/items/16").status, 404);
  EXPECT_EQ(get("/api/items?page=4").status, 400);
}

TEST_F(TargetRoutesTest, AJobIsDoneWhenAskedForTwice) {
  const TargetResponse created = post("/api/jobs", "data");
  EXPECT_EQ(created.status, 202);
  const std::string job = "/api/jobs/" + created.json()["id"].dump();
  EXPECT_EQ(get(job + "/result").status, 404);
  EXPECT_EQ(get(job).json()["state"], "running");
  EXPECT_EQ(get(job).json()["state"], "done");
  EXPECT_EQ(get(job).json()["state"], "done");
  EXPECT_EQ(get(job + "/result").status, 200);
  EXPECT_EQ(post("/api/jobs", "").status, 400);
  for (const std::string path : {"/api/jobs/0", "/api/jobs/2", "/api/jobs/x/result",
                                 "/api/jobs//result", "/api/jobs/1/2/result", "/api/jobs/result"})
    EXPECT_EQ(get(path).status, 404) << path;
}

TEST_F(TargetRoutesTest, GraphqlKnowsTwoQueries) {
  const auto ask = [&](std::string_view body) { return post("/graphql", body).json(); };
  EXPECT_TRUE(ask(R"({"query": "{ products(first: 1) { id } }"})")["data"].contains("products"));
  EXPECT_TRUE(ask(R"({"query": "{ product(id: 1) { id } }"})")["data"].contains("product"));
  EXPECT_TRUE(ask(R"({"query": "{ orders { id } }"})").contains("errors"));
  for (const std::string body : {"", "[]", "{}", R"({"query": 1})"})
    EXPECT_EQ(post("/graphql", body).status, 400) << body;
}

TEST_F(TargetRoutesTest, FeedbackNeedsTheTokenOfAForm) {
  const std::string page = get("/feedback").body;
  const std::string mark = "name=\"csrf_token\" value=\"";
  const std::string token = page.substr(page.find(mark) + mark.size(), 16);
  EXPECT_EQ(post("/feedback", "text=hi&csrf_token=" + token).status, 200);
  for (const std::string form : {"", "text=hi", "csrf_token=0123456789abcdef", "csrf_token=x"})
    EXPECT_EQ(post("/feedback", form).status, 403) << form;
}

TEST_F(TargetRoutesTest, SearchRefusesEachSixth) {
  for (int i = 1; i <= 12; ++i) {
    const TargetResponse response = get("/api/search?q=x");
    EXPECT_EQ(response.status, i % 6 == 0 ? 429 : 200) << i;
    EXPECT_EQ(response.has_header("Retry-After: 1"), i % 6 == 0) << i;
  }
  EXPECT_EQ(get("/api/search/popular").status, 200);
}

TEST_F(TargetRoutesTest, StaticFilesMayBeCached) {
  const TargetResponse response = get("/static/style.css");
  EXPECT_TRUE(response.has_header("Cache-Control: max-age=3600"));
  EXPECT_TRUE(response.has_header("ETag: \"1\""));
  const TargetResponse known = get("/static/style.css", "If-None-Match: \"1\"\r\n");
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
}

TEST_F(TargetRoutesTest, AnyFinalStatusCanBeHad) {
  for (const int code : {200, 204, 304, 404, 418, 500, 503, 599, 999}) {
    const TargetResponse response = get("/status/" + std::to_string(code));
    EXPECT_EQ(response.status, code);
    EXPECT_EQ(response.body.empty(), code == 204 || code == 304) << code;
  }
  EXPECT_EQ(request("DELETE", "/status/202").status, 202);
  for (const std::string code : {"100", "1000", "x"})
    EXPECT_EQ(get("/status/" + code).status, 400) << code;
  EXPECT_EQ(get("/fail").status, 500);
}

TEST_F(TargetRoutesTest, NumbersOutOfRangeAreBadRequests) {
  for (const std::string target :
       {"/slow?ms=60001", "/slow?ms=x", "/bytes/67108865", "/bytes/x", "/chunked/100001",
        "/redirect/1001", "/redirect-to", "/redirect-to?url=/&status=200"})
    EXPECT_EQ(get(target).status, 400) << target;
}

TEST_F(TargetRoutesTest, ChunkedSendsThatManyChunks) {
  EXPECT_EQ(get("/chunked/0").body, "");
  EXPECT_EQ(get("/chunked/2").body, "chunk 1 of 2\nchunk 2 of 2\n");
}

TEST_F(TargetRoutesTest, BytesSendsThatManyBytes) {
  EXPECT_EQ(get("/bytes/0").body, "");
  EXPECT_EQ(get("/bytes/1000").body, std::string(1000, 'x'));
}

TEST_F(TargetRoutesTest, ARedirectOfNHopsEndsAtTheRoot) {
  EXPECT_TRUE(get("/redirect/3").has_header("Location: /redirect/2"));
  const TargetResponse last = get("/redirect/1");
  EXPECT_EQ(last.status, 302);
  EXPECT_TRUE(last.has_header("Location: /"));
}

TEST_F(TargetRoutesTest, RedirectToGoesWhereTheQuerySays) {
  const TargetResponse response =
      get("/redirect-to?url=http%3A%2F%2Fhost%2F%3Fa%3Db%26c&status=307");
  EXPECT_EQ(response.status, 307);
  EXPECT_TRUE(response.has_header("Location: http://host/?a=b&c"));
  EXPECT_EQ(get("/redirect-to?url=/x%0d%0aEvil:%20yes").status, 400);
}

TEST_F(TargetRoutesTest, CookiesAreSetAndShown) {
  const TargetResponse response = get("/cookies/set?a=1&b=two%20words");
  EXPECT_TRUE(response.has_header("Set-Cookie: a=1; Path=/"));
  EXPECT_TRUE(response.has_header("Set-Cookie: b=two words; Path=/"));
  EXPECT_EQ(get("/cookies", "cookie: a=1; b=x=y; junk\r\n").json()["cookies"],
            (nlohmann::json{{"a", "1"}, {"b", "x=y"}}));
  EXPECT_EQ(get("/cookies").json()["cookies"], nlohmann::json::object());
}

TEST_F(TargetRoutesTest, EchoShowsTheRequestAsItCame) {
  const nlohmann::json echo = request("PATCH", "/echo?a=1&a=2&b=%C3%A9+x&c",
                                      "User-Agent: test/1\r\nX-Twice: 1\r\nX-Twice: 2\r\n", "\xff!")
                                  .json();
  EXPECT_EQ(echo["method"], "PATCH");
  EXPECT_EQ(echo["path"], "/echo");
  EXPECT_EQ(echo["query"], "a=1&a=2&b=%C3%A9+x&c");
  EXPECT_EQ(echo["params"], (nlohmann::json{{"a", {"1", "2"}}, {"b", "é x"}, {"c", ""}}));
  EXPECT_EQ(echo["headers"]["User-Agent"], "test/1");
  EXPECT_EQ(echo["headers"]["X-Twice"], "1, 2");
  EXPECT_EQ(echo["body"], "\xEF\xBF\xBD!") << "what is not UTF-8 is replaced";
}

TEST_F(TargetRoutesTest, TheAbsoluteFormIsServedAsItsPath) {
  EXPECT_EQ(get("http://elsewhere:81/echo?a=1").json()["path"], "/echo");
  EXPECT_EQ(get("http://elsewhere").status, 200);
}

TEST_F(TargetRoutesTest, GzipCompressesForThoseWhoAcceptIt) {
  const TargetResponse plain = get("/gzip");
  const TargetResponse packed = get("/gzip", "Accept-Encoding: deflate, gzip\r\n");
  EXPECT_FALSE(plain.has_header("Content-Encoding: gzip"));
  EXPECT_TRUE(packed.has_header("Content-Encoding: gzip"));
  EXPECT_LT(packed.body.size(), plain.body.size() / 10);
  EXPECT_EQ(gunzip(packed.body), plain.body);
}

TEST_F(TargetRoutesTest, AllElseIsNotFound) {
  const TargetResponse response = get("/nowhere");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.json()["error"], "not found");
  EXPECT_EQ(post("/api/products", "{}").status, 404);
  EXPECT_EQ(counts()["routes"], (nlohmann::json{{"GET (not found)", 1}, {"POST (not found)", 1}}));
}

}  // namespace
}  // namespace locust
