// What a scenario may nest, nested to the limit, on the small stack that a user has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/scenario/scenario_parse.h"
#include "tests/fakes/fake_http_engine.h"
#include "tests/fakes/simulated_loop.h"
#include "worker/scenario/json_document.h"
#include "worker/scenario/scenario_program.h"
#include "worker/user/fiber_context.h"

namespace locust::worker {
namespace {

using ::testing::IsEmpty;

// An expression as deep as the language allows, around `inner`.
std::string deep_expression(const std::string& inner) {
  std::string text = inner;
  for (int i = 0; i < 29; ++i) text = "[min(" + text + ")]";
  return text;
}

// A task in so many task sets that runs steps as deep as the language allows there.
std::string deep_scenario(int sets) {
  const int runs = 31 - sets;
  std::string text = "steps:\n";
  for (int i = 0; i < runs; ++i) {
    text += "  s" + std::to_string(i) + ": [run: s" + std::to_string(i + 1) + "]\n";
  }
  text += "  s" + std::to_string(runs) + ":\n    - set: {deep: \"${" + deep_expression("json('')") +
          "}\"}\n    - post: /end\n      json: \"${deep}\"\n      check: body matches '^(\\[+)*'\n";
  std::string tasks = "{t: [get: /, run: s0, wait: 1h]}";
  for (int i = 0; i < sets; ++i) tasks = "{set: {tasks: " + tasks + "}}";
  return text + "users:\n  U: {host: 'http://shop', tasks: " + tasks + "}\n";
}

class ScenarioStack : public ::testing::TestWithParam<int> {};

TEST_P(ScenarioStack, HoldsTheDeepestScenarioOverTheDeepestBody) {
  ParsedScenario parsed = parse_scenario({{"f.yaml", deep_scenario(GetParam())}});
  ASSERT_THAT(parsed.errors, IsEmpty());
  CompiledScenario compiled =
      compile_scenario(std::move(parsed.scenario), [](const std::string&) { return std::nullopt; });
  ASSERT_THAT(compiled.errors, IsEmpty());
  const UserClass user_class = compiled.program->user_classes().at(0);

  fakes::SimulatedLoop loop;
  fakes::FakeHttpEngine engine(loop);
  std::string last_body;
  engine.respond = [&last_body](const HttpRequest& request) {
    last_body = request.body;
    HttpResponse response;
    response.status = 200;
    const std::size_t depth = JsonDocument::kMaxDepth - 1;
    response.body = std::string(depth, '[') + std::string(depth, ']');
    return response;
  };
  FiberStacks stacks;
  RequestStats stats(0, StatsRole::kWorker);
  Rng rng(1);
  UserEvents events;
  std::string failure;
  events.exception = [&failure](const User&, const std::string& message, const std::string&) {
    failure = message;
  };
  FiberContext context(loop, engine, stacks, [] {});
  const auto user = user_class.create({.context = context,
                                       .engine = engine,
                                       .stats = stats,
                                       .rng = rng,
                                       .events = events,
                                       .class_name = user_class.name,
                                       .host = user_class.host,
                                       .user_id = 0});
  context.start([&user] { user->run(); });
  loop.advance(seconds(10));
  EXPECT_EQ(failure, "");
  EXPECT_EQ(stats.total().num_requests, 2);
  EXPECT_GT(last_body.size(), JsonDocument::kMaxDepth);
  context.abandon();
}

INSTANTIATE_TEST_SUITE_P(TaskSets, ScenarioStack, ::testing::Values(0, 10, 28));

}  // namespace
}  // namespace locust::worker
