#include <gmock/gmock.h>

#include "tests/unit/worker/python/python_fixture.h"
#include "worker/python/failure_texts.h"

namespace locust::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PythonSessionTest : public PythonFixture {
 protected:
  // One user of a class that runs `body` once; requests take a second.
  void run(const std::string& body, const std::string& base = "HttpUser") {
    engine_.respond = [this](const HttpRequest& request) {
      requests_.push_back(request);
      HttpResponse response = response_;
      response.response_time = 1s;
      return response;
    };
    load("from locust.exception import *\nclass U(" + base +
         "):\n    host = 'http://shop'\n    wait_time = constant(1000)\n    @task\n    def "
         "t(self):\n" +
         body);
    start(1);
    loop_.advance(20s);
    EXPECT_THAT(exceptions_, IsEmpty()) << traceback_;
  }

  void answer_late() {
    engine_.respond = [](const HttpRequest&) {
      HttpResponse response;
      response.response_time = 100s;
      return response;
    };
  }

  std::vector<std::string> rows() {
    std::vector<std::string> rows;
    for (const StatsEntry& entry : pool_->stats().entries()) {
      rows.push_back(*entry.method + " " + entry.name + " " + std::to_string(entry.num_requests));
    }
    return rows;
  }
  std::vector<std::string> errors() {
    std::vector<std::string> errors;
    for (const auto& [key, error] : pool_->stats().errors()) errors.push_back(error.error);
    return errors;
  }

  HttpResponse response_ = [] {
    HttpResponse response;
    response.status = 200;
    response.reason = "OK";
    response.headers = "Content-Type: text/plain; charset=utf-8\r\nSet-Cookie: a=b; Path=/";
    response.body = "caf\xc3\xa9";
    response.content_length = response.body.size();
    return response;
  }();
  std::vector<HttpRequest> requests_;
};

TEST_F(PythonSessionTest, SendsAndLogsAndAnswers) {
  run(R"(
        r = self.client.get("/a?b=1")
        lines.extend([r.status_code, r.text, r.content, r.ok, r.reason, r.url, r.cookies["a"],
                      r.headers["content-type"], r.elapsed.total_seconds()])
)");
  EXPECT_THAT(rows(), ElementsAre("GET /a?b=1 1"));
  EXPECT_THAT(lines(), ElementsAre("200", "caf\xc3\xa9", "b'caf\\xc3\\xa9'", "True", "OK",
                                   "http://shop/a?b=1", "b", "text/plain; charset=utf-8", "1.0"));
}

TEST_F(PythonSessionTest, ResponsesOutliveTheNextRequest) {
  run(R"(
        first = self.client.get("/1")
        second = self.client.get("/2")
        lines.extend([first.url, first.text, second.url])
)");
  EXPECT_THAT(lines(), ElementsAre("http://shop/1", "caf\xc3\xa9", "http://shop/2"));
}

TEST_F(PythonSessionTest, TakesRequestsApartAsTheWorldKnowsThem) {
  run(R"(
        self.client.headers["X-All"] = "1"
        self.client.post("/p", json={"a": 1}, headers={"X-One": "2", "Accept": None})
        self.client.get("/q", params={"a": ["1", "2"], "b": "x y"}, auth=("u", "p"), timeout=(1, 5))
        self.client.post("/f", data={"k": "v w"}, cookies={"c": "d"}, allow_redirects=False)
        self.client.head("/h")
        self.client.get("/sp ace")
        self.client.put("/positional", {"a": "b"}, name="named")
        self.client.request("HEAD", "/h")
        self.client.head("/h", params={"a": 1})
        self.client.request("HEAD", "/h", params={"a": 1})
        self.client.head("/h", params={"a": 1}, allow_redirects=True)
        self.client.post("/e", data={}, json={"a": 1})
)");
  ASSERT_EQ(requests_.size(), 11U);
  const auto header = [](const HttpRequest& request, std::string_view name) -> std::string {
    for (const HttpHeader& h : request.headers) {
      if (h.name == name) return h.value;
    }
    return "-";
  };
  EXPECT_EQ(requests_[0].body, "{\"a\": 1}");
  EXPECT_EQ(header(requests_[0], "Content-Type"), "application/json");
  EXPECT_EQ(header(requests_[0], "X-All"), "1");
  EXPECT_EQ(header(requests_[0], "X-One"), "2");
  EXPECT_EQ(header(requests_[0], "Accept"), "-");
  EXPECT_EQ(requests_[1].url, "http://shop/q?a=1&a=2&b=x+y");
  EXPECT_EQ(header(requests_[1], "Authorization"), "Basic dTpw");
  EXPECT_EQ(requests_[1].timeout, 5s);
  EXPECT_EQ(requests_[2].body, "k=v+w");
  EXPECT_THAT(requests_[2].cookies, ElementsAre(HttpCookie{"c", "d"}));
  EXPECT_FALSE(requests_[2].allow_redirects);
  EXPECT_FALSE(requests_[3].allow_redirects);
  EXPECT_EQ(requests_[4].url, "http://shop/sp%20ace");
  EXPECT_EQ(requests_[5].body, "a=b");
  EXPECT_TRUE(requests_[6].allow_redirects);
  EXPECT_FALSE(requests_[7].allow_redirects);
  EXPECT_TRUE(requests_[8].allow_redirects);
  EXPECT_TRUE(requests_[9].allow_redirects);
  EXPECT_EQ(requests_[10].body, "{\"a\": 1}");
  EXPECT_EQ(header(requests_[10], "Content-Type"), "application/json");
  EXPECT_THAT(rows(), ::testing::Contains("PUT named 1"));
}

TEST_F(PythonSessionTest, AnArgumentThatIsGivenTwiceIsAnError) {
  run(R"(
        for call in (lambda: self.client.post("/p", {"a": 1}, data={"b": 2}),
                     lambda: self.client.post("/p", None, {"a": 1}, params={}, json={"b": 2})):
            try:
                call()
            except TypeError as e:
                lines.append(str(e).partition("got ")[2])
)");
  EXPECT_THAT(lines(), ElementsAre("multiple values for keyword argument 'data'",
                                   "multiple values for keyword argument 'json'"));
  EXPECT_THAT(requests_, IsEmpty());
}

TEST_F(PythonSessionTest, ObjectsReleaseTheirTypes) {
  run(R"(
        import gc, sys
        types = [type(self), type(self.client), type(self.client.get("/"))]
        def references():
            gc.collect()
            return [sys.getrefcount(each) for each in types]
        before = references()
        for _ in range(5):
            type(self)(self.environment)
            self.client.get("/")
        lines.append(str([b - a for a, b in zip(before, references())]))
)");
  EXPECT_THAT(lines(), ElementsAre("[0, 0, 0]"));
}

TEST_F(PythonSessionTest, TheBlockDecidesOnASuccess) {
  response_.status = 404;
  response_.reason = "Not Found";
  run(R"(
        self.client.get("/missing", name="plain")
        with self.client.get("/", name="fine", catch_response=True) as r:
            r.success()
        with self.client.get("/", name="bad", catch_response=True) as r:
            r.failure("text")
        with self.client.get("/", name="outer", catch_response=True) as outer:
            with self.client.get("/", name="inner", catch_response=True) as inner:
                inner.success()
            outer.failure(ValueError("v"))
        self.client.get("/", name="never entered", catch_response=True)
)");
  EXPECT_THAT(rows(),
              ElementsAre("GET plain 1", "GET fine 1", "GET bad 1", "GET inner 1", "GET outer 1"));
  EXPECT_THAT(errors(), ElementsAre("HTTPError('404 Client Error: Not Found for url: plain')",
                                    "CatchResponseError('text')", "ValueError('v')"));
}

TEST_F(PythonSessionTest, ACallableAuthSeesTheRequest) {
  run(R"(
        def sign(request):
            lines.append(f"{request.method} {request.url} {request.body}")
            request.headers["X-Sign"] = "s"
            return request
        self.client.post("/p", json={"a": 1}, params={"q": 2}, auth=sign)
)");
  EXPECT_THAT(lines(), ElementsAre("POST http://shop/p?q=2 {\"a\": 1}"));
  EXPECT_THAT(requests_[0].headers, ::testing::Contains(HttpHeader{"X-Sign", "s"}));
}

TEST_F(PythonSessionTest, TheClientsCookiesAreThoseOfTheEngine) {
  engine_.kept_cookies = {
      {.domain = "shop", .expires = 4'000'000'000, .name = "csrftoken", .value = "t0k"},
      {.domain = "example.org", .subdomains = true, .path = "/a", .name = "id", .value = "1"},
      {.domain = "shop", .path = "/b", .name = "id", .value = "2"}};
  run(R"(
        from copy import deepcopy
        jar = self.client.cookies
        lines.extend([jar["csrftoken"], jar.get("none", "-"), "id" in jar, "none" in jar, len(jar)])
        lines.append(jar.get_dict(domain="shop.local"))
        lines.extend(f"{c.name} {c.domain} {c.path} {c.expires}" for c in jar)
        try:
            jar["id"]
        except RuntimeError as error:
            lines.append(error)
        jar["csrftoken"] = "mine"
        jar.set("own", 5, path="/p")
        del jar["id"]
        lines.append(jar.items())
        jar.update({"more": "x"})
        copy = deepcopy(jar)
        jar.clear("shop.local", "/p", "own")
        lines.append(sorted(dict(jar)))
        self.client.cookies = {"only": "1"}
        lines.append(f"{jar.keys()} {len(copy)}")
        try:
            jar["bad"] = "a;b"
        except ValueError as error:
            lines.append(str(error)[:40])
        try:
            jar["none"]
        except KeyError as error:
            lines.append(error)
        try:
            jar.set_policy(None)
        except NotImplementedError as error:
            lines.append(str(error)[:19])
        jar.clear()
        lines.append(f"{jar} {bool(jar)}")
)");
  EXPECT_THAT(lines(),
              ElementsAre("t0k", "-", "True", "False", "3", "{'csrftoken': 't0k', 'id': '2'}",
                          "csrftoken shop.local / 4000000000", "id shop.local /b None",
                          "id .example.org /a None", "There are multiple cookies with name, 'id'",
                          "[('csrftoken', 'mine'), ('own', '5')]", "['csrftoken', 'more']",
                          "['only'] 3", "the cookie 'bad' of 'shop' cannot be sen",
                          "\"name='none', domain=None, path=None\"", "policies of cookies",
                          "<RequestsCookieJar[]> False"));
}

TEST_F(PythonSessionTest, AFastUserHasACookiejar) {
  engine_.kept_cookies = {
      {.domain = "shop", .http_only = true, .name = "sid", .value = "s"},
      {.domain = "1.2.3.4", .expires = 4'000'000'000, .name = "late", .value = ""}};
  run(R"(
        jar = self.client.cookiejar
        lines.extend(f"{c.name}={c.value} {c.domain} {c.has_nonstandard_attr('HttpOnly')}" for c in jar)
        jar.clear_session_cookies()
        lines.append(", ".join(c.name for c in jar))
        jar.clear()
        lines.append(len(jar))
)",
      "FastHttpUser");
  EXPECT_THAT(lines(), ElementsAre("sid=s shop.local True", "late= 1.2.3.4 False", "late", "0"));
}

TEST_F(PythonSessionTest, RequestsAreCountedAsTheirMetaSays) {
  run(R"(
        with self.client.get("/1", catch_response=True) as r:
            r.request_meta["name"] = "renamed"
            r.request_meta["request_type"] = "WS"
            r.request_meta["response_time"] = 777
            r.request_meta["response_length"] = 12
            r.failure("bad")
        with self.client.get("/2", catch_response=True) as r:
            r.request_meta["response_time"] = None
        with self.client.get("/3", catch_response=True) as r:
            lines.append(r.request_meta["name"])
)");
  EXPECT_THAT(rows(), ElementsAre("WS renamed 1", "GET /2 1", "GET /3 1"));
  const StatsEntry* renamed = pool_->stats().find("renamed", "WS");
  ASSERT_NE(renamed, nullptr);
  EXPECT_EQ(renamed->total_response_time, Number(777.0));
  EXPECT_EQ(renamed->total_content_length, 12);
  EXPECT_EQ(renamed->num_failures, 1);
  EXPECT_EQ(pool_->stats().find("/2", "GET")->num_none_requests, 1);
}

TEST_F(PythonSessionTest, FastUsersHaveTheTextsOfTheirs) {
  response_.status = 503;
  run(R"(
        self.client.get("http://other/x?y")
        with self.rest("GET", "/js") as r:
            lines.append(r.js)
)",
      "FastHttpUser");
  EXPECT_THAT(rows(), ElementsAre("GET http://other/x?y 1", "GET /js 1"));
  EXPECT_EQ(errors().front(), "LocustBadStatusCode(code=503)");
  EXPECT_FALSE(requests_[0].route.verify);
  EXPECT_THAT(lines(), ElementsAre("None"));
}

TEST_F(PythonSessionTest, WhatAFastUserCannotAskForIsRaised) {
  response_.status = 0;
  response_.error = HttpErrorKind::kInvalidRequest;
  response_.error_text = R"(ValueError("invalid HTTP method ''"))";
  run(R"(
        try:
            with self.rest("", "/"):
                pass
        except ValueError as error:
            lines.append(str(error))
)",
      "FastHttpUser");
  EXPECT_THAT(lines(), ElementsAre("invalid HTTP method ''"));
  EXPECT_THAT(rows(), IsEmpty());
}

TEST_F(PythonSessionTest, ABodyBeyondTheLimitIsAFailureOfAFastUser) {
  response_.error = HttpErrorKind::kBodyTooLarge;
  response_.error_text = "BodyLimitExceeded('too much')";
  run("        self.client.get(\"/\")\n", "FastHttpUser");
  EXPECT_THAT(rows(), ElementsAre("GET / 1"));
  EXPECT_THAT(errors(), ElementsAre("BodyLimitExceeded('too much')"));
}

// Stock raises this one too, but a server has sent it.
TEST_F(PythonSessionTest, AnUnknownContentEncodingIsAFailureOfAFastUser) {
  response_.error = HttpErrorKind::kProtocol;
  response_.error_text = "ValueError('Unknown content encoding: xyz')";
  run("        self.client.get(\"/\")\n", "FastHttpUser");
  EXPECT_THAT(rows(), ElementsAre("GET / 1"));
  EXPECT_THAT(errors(), ElementsAre("ValueError('Unknown content encoding: xyz')"));
}

TEST_F(PythonSessionTest, ListenersAreToldOfEachRequest) {
  run(R"(
        events.request.add_listener(lambda name, response_time, context, exception, **rest:
            lines.append(f"{name} {response_time} {context} {exception}"))
        self.client.get("/a", context={"k": 1})
        events.request.fire(request_type="own", name="b", response_time=5, response_length=0,
                            exception=None, context={})
)");
  EXPECT_THAT(lines(), ElementsAre("/a 1000.0 {'k': 1} None", "b 5 {} None"));
  EXPECT_THAT(rows(), ElementsAre("GET /a 1", "own b 1"));
}

TEST_F(PythonSessionTest, GreenletsOfAUserSendAtTheSameTime) {
  run(R"(
        import gevent
        from gevent.pool import Pool
        pool = Pool(5)
        started = time.monotonic()
        for i in range(5):
            pool.spawn(self.client.get, "/same")
        pool.join()
)");
  EXPECT_THAT(rows(), ElementsAre("GET /same 5"));
  EXPECT_EQ(engine_.clients_created, 2);  // the user's, and that of the C++ user which carries it
}

TEST_F(PythonSessionTest, AKillCancelsTheRequest) {
  response_.status = 200;
  load(R"(
class U(HttpUser):
    host = "http://shop"
    @task
    def t(self):
        self.client.get("/")
)");
  answer_late();
  start(1);
  EXPECT_EQ(engine_.in_flight(), 1U);
  start(0);
  EXPECT_EQ(engine_.cancelled, 1);
  EXPECT_EQ(pool_->user_count(), 0);
  EXPECT_THAT(rows(), IsEmpty());
}

TEST_F(PythonSessionTest, TheEndOfTheLoopCancelsTheRequestsOfGreenlets) {
  load(R"(
import gevent
class U(HttpUser):
    host = "http://shop"
    wait_time = constant(1000)
    def on_start(self):
        gevent.spawn(self.fetch)
    def fetch(self):
        try:
            self.client.get("/slow")
        finally:
            lines.append("ended")
    @task
    def t(self):
        pass
)");
  answer_late();
  start(1);
  loop_.advance(1s);
  EXPECT_EQ(engine_.in_flight(), 1U);
  end_loop();
  EXPECT_EQ(engine_.cancelled, 1);
  EXPECT_THAT(lines(), ElementsAre("ended"));
}

TEST_F(PythonSessionTest, AThreadGetsAnErrorForARequest) {
  run(R"(
        import threading
        list(self.client.cookies)  # imports OpenSSL, whose data of a thread may outlast join()
        def request():
            for call in (lambda: self.client.get("/"), lambda: list(self.client.cookies)):
                try:
                    call()
                except RuntimeError as error:
                    lines.append(str(error)[:24])
        thread = threading.Thread(target=request)
        thread.start()
        thread.join()
)");
  EXPECT_THAT(lines(), ElementsAre("requests can only be mad", "cookies are available wh"));
  EXPECT_THAT(rows(), IsEmpty());
}

TEST(FailureTexts, AreThoseOfRequests) {
  HttpResponse response;
  response.error = HttpErrorKind::kTimeout;
  response.error_text = "RetriesExceeded('URL', 0, original=timed out)";
  EXPECT_EQ(requests_failure(response, "http://shop:81/a", 500ms),
            "ReadTimeout(ReadTimeoutError(\"HTTPConnectionPool(host='shop', port=81): Read timed "
            "out. (read timeout=0.5)\"))");
  EXPECT_EQ(requests_failure(response, "https://shop/", 5s),
            "ReadTimeout(ReadTimeoutError(\"HTTPSConnectionPool(host='shop', port=443): Read timed "
            "out. (read timeout=5)\"))");
  response.error = HttpErrorKind::kConnectionClosed;
  response.error_text = "HTTPConnectionClosed('connection closed.')";
  EXPECT_EQ(requests_failure(response, "http://shop/", 5s),
            "RemoteDisconnected('Remote end closed connection without response')");
  response.error_text = "HTTPParseError('Incomplete response.')";
  response.headers = "Content-Length: 10";
  response.content_length = 3;
  EXPECT_EQ(requests_failure(response, "http://shop/", 5s),
            "ChunkedEncodingError(ProtocolError('Connection broken: IncompleteRead(3 bytes read, 7 "
            "more expected)', IncompleteRead(3 bytes read, 7 more expected)))");
  response.error = HttpErrorKind::kConnect;
  response.error_text = "ConnectionRefusedError(111, 'Connection refused')";
  EXPECT_EQ(requests_failure(response, "http://shop/", 5s), response.error_text);
}

}  // namespace
}  // namespace locust::worker
