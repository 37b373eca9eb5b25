// The step `parallel`, in both forms.
#include <fstream>

#include "tests/fakes/test_data.h"
#include "tests/unit/worker/scenario/scenario_run_fixture.h"

namespace locust::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ScenarioParallel : public ScenarioRun {
 protected:
  static std::vector<std::string> errors(const std::string& steps) {
    return parse_scenario({{"f.yaml", "users:\n  U:\n    tasks:\n      t:\n" + indented(steps, 8)}})
        .errors;
  }
  std::vector<std::string> urls() {
    std::vector<std::string> all;
    for (const HttpRequest& r : context_.requests) all.push_back(r.url);
    return all;
  }
};

TEST_F(ScenarioParallel, SendsItsRequestsTogetherAndJudgesEachByItsOwnChecksAndSaves) {
  answer(200, R"({"a": 1})");
  answer(500);
  answer(404);
  EXPECT_EQ(run(R"(
- parallel:
    - get: /a
      save: {a: json('/a')}
    - get: /b
    - post: /c
      name: see
      check: status == 200
- get: /after/${a}
)"),
            "");
  EXPECT_EQ(context_.most_in_flight, 3U);
  EXPECT_THAT(urls(), ElementsAre("http://shop/a", "http://shop/b", "http://shop/c",
                                  "http://shop/after/1"));
  EXPECT_THAT(rows(), UnorderedElementsAre("GET /a", "GET /b", "POST see", "GET /after/[a]"));
  EXPECT_THAT(failures(), UnorderedElementsAre("GET /b: LocustBadStatusCode(code=500)",
                                               "POST see: status == 200 (status: 404)"));
}

TEST_F(ScenarioParallel, SendsTheRequestsOfEachElement) {
  context_.respond = [](const HttpRequest& request) {
    return fakes::FakeUserContext::response(request.url.ends_with("/2") ? 404 : 200);
  };
  EXPECT_EQ(run(R"(
- set: {ids: [1, 2, 3]}
- parallel: ${ids}
  as: id
  do:
    - get: /image/${id}
      check:
        - image: status == 200 or id == 2
    - get: /static
- parallel: [x, y]
  as: id
  do: [get: "/literal/${id}"]
- parallel: []
  as: id
  do: [get: /none]
)"),
            "");
  EXPECT_THAT(urls(),
              ElementsAre("http://shop/image/1", "http://shop/static", "http://shop/image/2",
                          "http://shop/static", "http://shop/image/3", "http://shop/static",
                          "http://shop/literal/x", "http://shop/literal/y"));
  EXPECT_THAT(rows(), UnorderedElementsAre("GET /image/[id]", "GET /static", "GET /literal/[id]"));
  EXPECT_THAT(failures(), IsEmpty()) << "each is judged with its own element";
}

TEST_F(ScenarioParallel, KeepsToTheConnectionsOfTheClass) {
  const std::string steps = R"(
- parallel: [1, 2, 3, 4, 5, 6, 7, 8]
  as: i
  do: [get: "/${i}"]
)";
  EXPECT_EQ(run(steps), "");
  EXPECT_EQ(context_.most_in_flight, 6U);
  context_.most_in_flight = 0;
  EXPECT_EQ(run(steps, "connections: 2"), "");
  EXPECT_EQ(context_.most_in_flight, 2U);
  EXPECT_EQ(context_.requests.size(), 16U);
}

TEST_F(ScenarioParallel, AfterItNoResponseIsCurrent) {
  answer(200, "abc");
  EXPECT_EQ(run(R"(
- parallel: [get: /a]
- set: {s: "${status}", b: "${body or 'none'}"}
- get: /${s}/${b}
)"),
            "");
  EXPECT_THAT(urls(), ElementsAre("http://shop/a", "http://shop/0/none"));
}

TEST_F(ScenarioParallel, TheResponseBeforeItIsReadByItsTexts) {
  answer(200, R"({"images": ["/1", "/2"]})");
  EXPECT_EQ(run(R"(
- get: /page
- parallel: ${json('/images')}
  as: image
  do: [get: "${image}?of=${json('/images/0')}"]
)"),
            "");
  EXPECT_THAT(urls(),
              ElementsAre("http://shop/page", "http://shop/1?of=/1", "http://shop/2?of=/1"));
}

TEST_F(ScenarioParallel, AnExceptionEndsTheTaskWhenAllHaveBeenCounted) {
  EXPECT_EQ(run(R"(
- parallel:
    - get: /a
      check: 1 / (status - 200) == 1
    - get: /b
- get: /never
)"),
            "division by zero");
  EXPECT_NE(traceback_.find("line 8"), std::string::npos) << traceback_;
  EXPECT_THAT(rows(), UnorderedElementsAre("GET /a", "GET /b"));
  context_.requests.clear();
  EXPECT_EQ(run("- parallel:\n    - get: /a\n    - get: /${header('x')}\n"),
            "header('x') has no value");
  EXPECT_THAT(context_.requests, IsEmpty()) << "all texts come before the first request";
}

TEST_F(ScenarioParallel, EachRequestHasItsAfterAndMayBeRetriedOrEndTheTaskWhenAllHaveCome) {
  int failures_left = 2;
  context_.respond = [&](const HttpRequest& request) {
    const bool fails = request.url.ends_with("/a") && failures_left-- > 0;
    return fakes::FakeUserContext::response(fails ? 503 : 200, "x");
  };
  EXPECT_EQ(run(R"(
- parallel:
    - get: /a
      after: [{if: failed, then: [retry: 5]}]
    - get: /b
      after: [end_task: true]
    - get: /c
- get: /never
)"),
            "");
  EXPECT_THAT(urls(), UnorderedElementsAre("http://shop/a", "http://shop/a", "http://shop/a",
                                           "http://shop/b", "http://shop/c"));
  EXPECT_EQ(stats_.find("/a", "GET")->num_requests, 3);
  EXPECT_EQ(stats_.find("/a", "GET")->num_failures, 2);
  EXPECT_EQ(stats_.find("/c", "GET")->num_requests, 1);
}

TEST_F(ScenarioParallel, NeedsAListAtRunTime) {
  EXPECT_EQ(run("- set: {n: 5}\n- parallel: ${n}\n  as: i\n  do: [get: /]\n"),
            "'parallel' needs a list, not a number");
}

TEST_F(ScenarioParallel, TheExampleLoadsAPageWithItsParts) {
  std::ifstream file(in_repository("examples/page.yaml"));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  context_.respond = [](const HttpRequest&) {
    return fakes::FakeUserContext::response(200, R"({"products": [{"id": 4}, {"id": 5}]})");
  };
  load_text(text);
  EXPECT_EQ(run_task(), "");
  EXPECT_THAT(rows(),
              UnorderedElementsAre("GET home page", "GET /static/style.css", "GET /static/shop.js",
                                   "GET /static/logo.svg", "GET a product's picture"));
  EXPECT_EQ(context_.most_in_flight, 3U);
  EXPECT_EQ(urls().back(), "http://127.0.0.1:8080/api/products/5");
  EXPECT_EQ(request(0).timeout, std::chrono::seconds(5));
  EXPECT_EQ(request(1).timeout, std::chrono::seconds(10));
}

TEST_F(ScenarioParallel, ReportsWhatCannotBeSentTogether) {
  EXPECT_THAT(errors("- parallel:\n    - get: /\n    - wait: 1\n"),
              ElementsAre("f.yaml:7:15: only requests can be sent together: put this step before "
                          "or behind 'parallel'"));
  EXPECT_THAT(errors("- parallel: [a]\n  as: x\n"),
              ElementsAre("f.yaml:6:11: 'as' needs the requests of each element: 'do: […]'"));
  EXPECT_THAT(errors("- parallel: urls\n  do: [get: /]\n"),
              ElementsAre("f.yaml:5:21: 'parallel' needs a list, such as ${urls} or [a, b]"));
  EXPECT_THAT(errors("- parallel: [get: /]\n  ass: x\n"),
              ElementsAre("f.yaml:6:11: unknown key 'ass' in 'parallel'; did you mean 'as'?"));
  EXPECT_THAT(errors("- parallel: 5\n"),
              ElementsAre("f.yaml:5:21: 'parallel' must be a list, not a text"));
  EXPECT_THAT(parse_scenario({{"f.yaml",
                               "users:\n  U:\n    connections: 0\n    tasks: {t: [get: "
                               "/]}\n"}})
                  .errors,
              ElementsAre("f.yaml:3:18: 'connections' must be 1 or more"));
}

}  // namespace
}  // namespace locust::worker
