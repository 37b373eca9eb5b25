// A user's private browser cache, alone and within a session.
#include "worker/http/http_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/worker/scenario/scenario_run_fixture.h"

namespace locust::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kNow = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT

class HttpCacheTest : public ::testing::Test {
 protected:
  static HttpRequest get(const std::string& url, HttpHeaders headers = {}) {
    HttpRequest request;
    request.url = url;
    request.headers = std::move(headers);
    return request;
  }
  static HttpResponse response(const std::string& headers, const std::string& body = "body",
                               int status = 200) {
    HttpResponse r;
    r.status = status;
    r.headers = headers;
    r.body = body;
    r.content_length = body.size();
    return r;
  }
  TimePoint at(double s) const { return start_ + seconds(s); }
  void store(const std::string& headers, const std::string& url = "u") {
    HttpResponse r = response(headers);
    cache_.take(get(url), r, at(0), kNow);
  }
  // How long after it was stored "u" is still fresh, in steps of a second.
  int fresh_for(const std::string& headers) {
    cache_.clear();
    store(headers);
    int s = 0;
    for (HttpResponse r; s < 5000; ++s) {
      HttpRequest request = get("u");
      if (!cache_.serve(request, r, at(s))) break;
    }
    return s;
  }

  TimePoint start_{std::chrono::hours(1)};
  HttpCache cache_;
};

TEST_F(HttpCacheTest, FreshnessFollowsCacheControlThenExpiresThenTheAgeOfTheResource) {
  EXPECT_EQ(fresh_for("Cache-Control: max-age=60\r\n"), 60);
  EXPECT_EQ(fresh_for("Cache-Control: private, max-age=\"60\", immutable\r\n"), 60);
  EXPECT_EQ(fresh_for("Cache-Control: max-age=60\r\nAge: 20\r\n"), 40);
  EXPECT_EQ(fresh_for("Cache-Control: max-age=60\r\nExpires: 0\r\n"), 60);
  EXPECT_EQ(fresh_for("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                      "Expires: Sun, 06 Nov 1994 08:51:37 GMT\r\n"),
            120);
  EXPECT_EQ(fresh_for("Expires: 0\r\nETag: a\r\n"), 0);
  EXPECT_EQ(fresh_for("Last-Modified: Sun, 06 Nov 1994 08:32:57 GMT\r\n"), 100);
  EXPECT_EQ(fresh_for("Cache-Control: max-age=60, no-store\r\n"), 0);
  EXPECT_EQ(fresh_for("Cache-Control: max-age=60, no-cache\r\n"), 0);
  EXPECT_EQ(fresh_for("Content-Type: text/html\r\n"), 0);
  EXPECT_EQ(fresh_for("Cache-Control: max-age=60\r\nVary: *\r\n"), 0);
}

TEST_F(HttpCacheTest, WhatIsStaleIsValidatedAndA304GivesTheKeptResponse) {
  store(
      "ETag: \"v1\"\r\nLast-Modified: Sun, 06 Nov 1994 08:00:00 GMT\r\nCache-Control: "
      "no-cache\r\n");
  HttpRequest request = get("u");
  HttpResponse r;
  EXPECT_FALSE(cache_.serve(request, r, at(1)));
  EXPECT_THAT(request.headers,
              ElementsAre(HttpHeader{"If-None-Match", "\"v1\""},
                          HttpHeader{"If-Modified-Since", "Sun, 06 Nov 1994 08:00:00 GMT"}));
  r = response("Cache-Control: max-age=10\r\n", "", 304);
  r.response_time = seconds(0.5);
  cache_.take(request, r, at(1), kNow);
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.body, "body");
  EXPECT_EQ(r.response_time, seconds(0.5));
  request = get("u");
  EXPECT_TRUE(cache_.serve(request, r, at(10.5))) << "fresh again by the 304's own words";
  EXPECT_EQ(r.response_time, Duration::zero());
  EXPECT_FALSE(cache_.serve(request, r, at(11.5)));
}

TEST_F(HttpCacheTest, VaryTellsRequestsApart) {
  HttpResponse r = response("Cache-Control: max-age=60\r\nVary: Accept-Language\r\n");
  cache_.take(get("u", {{"accept-language", "en"}}), r, at(0), kNow);
  HttpRequest same = get("u", {{"Accept-Language", "en"}});
  HttpRequest other = get("u", {{"Accept-Language", "de"}});
  EXPECT_TRUE(cache_.serve(same, r, at(1)));
  EXPECT_FALSE(cache_.serve(other, r, at(1)));
}

TEST_F(HttpCacheTest, OnlyPlainGetsAreAnsweredAndWritesForget) {
  const std::string fresh = "Cache-Control: max-age=60\r\n";
  store(fresh);
  HttpResponse r;
  for (const HttpHeader& header : HttpHeaders{{"Range", "bytes=0-1"},
                                              {"Cache-Control", "no-cache"},
                                              {"Cache-Control", "max-age=0"},
                                              {"If-None-Match", "x"}}) {
    HttpRequest request = get("u", {header});
    EXPECT_FALSE(cache_.serve(request, r, at(1))) << header.name;
    EXPECT_EQ(request.headers.size(), 1U);
  }
  HttpRequest post = get("u");
  post.method = "POST";
  EXPECT_FALSE(cache_.serve(post, r, at(1)));
  r = response("", "", 500);
  cache_.take(post, r, at(1), kNow);
  HttpRequest again = get("u");
  EXPECT_TRUE(cache_.serve(again, r, at(1))) << "the write has failed";
  r = response("", "", 204);
  cache_.take(post, r, at(1), kNow);
  EXPECT_FALSE(cache_.serve(again, r, at(1)));
}

TEST_F(HttpCacheTest, ABodyThatWasNotKeptAnswersNobodyWhoReadsIt) {
  HttpRequest unread = get("u");
  unread.keep_body = false;
  HttpResponse r = response("Cache-Control: max-age=60\r\nETag: a\r\n", "");
  cache_.take(unread, r, at(0), kNow);
  EXPECT_TRUE(cache_.serve(unread, r, at(1)));
  HttpRequest read = get("u");
  EXPECT_FALSE(cache_.serve(read, r, at(1)));
  EXPECT_THAT(read.headers, IsEmpty()) << "a 304 would not help";
}

TEST_F(HttpCacheTest, IsBoundedAndForgetsTheLeastRecentlyUsed) {
  const std::string fresh = "Cache-Control: max-age=60\r\n";
  for (std::size_t i = 0; i < HttpCache::kMaxEntries; ++i) store(fresh, std::to_string(i));
  HttpResponse r;
  HttpRequest zero = get("0");
  HttpRequest one = get("1");
  EXPECT_TRUE(cache_.serve(zero, r, at(1)));
  store(fresh, "new");
  EXPECT_TRUE(cache_.serve(zero, r, at(1)));
  EXPECT_FALSE(cache_.serve(one, r, at(1)));
  HttpResponse big = response(fresh, std::string(HttpCache::kMaxBytes - 40, 'x'));
  cache_.take(get("big"), big, at(1), kNow);
  EXPECT_FALSE(cache_.serve(zero, r, at(1)));
  HttpResponse huge = response(fresh, std::string(HttpCache::kMaxBytes, 'x'));
  cache_.take(get("huge"), huge, at(1), kNow);
  HttpRequest request = get("huge");
  EXPECT_FALSE(cache_.serve(request, r, at(1)));
  request = get("big");
  EXPECT_TRUE(cache_.serve(request, r, at(1)));
}

class ScenarioCache : public ScenarioRun {
 protected:
  void SetUp() override {
    context_.respond = [](const HttpRequest& request) {
      HttpResponse r = fakes::FakeUserContext::response(200, R"({"v": 1})");
      for (const HttpHeader& header : request.headers) {
        if (header.name != "If-None-Match") continue;
        r = fakes::FakeUserContext::response(304);
      }
      r.headers = request.url.ends_with("/fresh") ? "Cache-Control: max-age=60\r\n"
                                                  : "Cache-Control: no-cache\r\nETag: a\r\n";
      return r;
    };
  }
};

TEST_F(ScenarioCache, AFreshHitSendsAndCountsNothing) {
  EXPECT_EQ(run(R"(
- get: /fresh
  save: {first: json('/v')}
- get: /fresh
  check: status == 500
  save: {v: json('/v')}
- parallel:
    - get: /fresh
    - get: /${v}
- new_session: true
- get: /fresh
)",
                "cache: true"),
            "");
  std::vector<std::string> urls;
  for (const HttpRequest& r : context_.requests) urls.push_back(r.url);
  EXPECT_THAT(urls, ElementsAre("http://shop/fresh", "http://shop/1", "http://shop/fresh"));
  EXPECT_THAT(failures(), IsEmpty());
  EXPECT_EQ(stats_.entries().size(), 2U);
}

TEST_F(ScenarioCache, AValidatedResponseIsASampleOfWhatCameOverTheWire) {
  EXPECT_EQ(run(R"(
- get: /x
  check: json('/v') == 1
- get: /x
  check: [status == 200, json('/v') == 1]
)",
                "cache: true"),
            "");
  EXPECT_THAT(failures(), IsEmpty());
  EXPECT_EQ(context_.requests.size(), 2U);
  const StatsEntry& entry = *stats_.entries().begin();
  EXPECT_EQ(entry.num_requests, 2);
  EXPECT_EQ(entry.total_content_length, 8) << "a 304 has no body";
}

TEST_F(ScenarioCache, WithoutItEachRequestIsSent) {
  EXPECT_EQ(run("- get: /fresh\n- get: /fresh\n", "cache: false"), "");
  EXPECT_EQ(context_.requests.size(), 2U);
  EXPECT_THAT(
      parse_scenario({{"f.yaml", "users:\n  U:\n    cache: 5m\n    tasks: {t: [get: /]}\n"}})
          .errors,
      ElementsAre("f.yaml:3:12: 'cache' must be true or false"));
}

}  // namespace
}  // namespace locust::worker
