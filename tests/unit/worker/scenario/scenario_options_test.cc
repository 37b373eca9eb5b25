// What a master says of a test, seen by the users of a scenario: tags and arguments.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/scenario/scenario_parse.h"
#include "tests/fakes/fake_http_engine.h"
#include "tests/fakes/fake_user_context.h"
#include "tests/unit/worker/user/drawable_tasks.h"
#include "worker/scenario/scenario_program.h"

namespace locust::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::optional<std::string> test_environment(const std::string& name) {
  if (name == "API_KEY") return "k1";
  return std::nullopt;
}

class ScenarioOptions : public ::testing::Test {
 protected:
  std::vector<std::string> load(const std::string& text) {
    ParsedScenario parsed = parse_scenario({{"f.yaml", text}});
    EXPECT_THAT(parsed.errors, IsEmpty());
    CompiledScenario compiled = compile_scenario(std::move(parsed.scenario), test_environment);
    program_ = std::move(compiled.program);
    if (program_) make_user();
    return compiled.errors;
  }
  void make_user() {
    user_class_ = program_->user_classes().at(0);
    user_ = user_class_.create({.context = context_,
                                .engine = engine_,
                                .stats = stats_,
                                .rng = rng_,
                                .events = events_,
                                .class_name = user_class_.name,
                                .host = user_class_.host});
  }
  std::vector<std::string> drawn() { return drawable_tasks(*user_); }
  void run_task() {
    TaskSet set(*user_, user_->tasks());
    user_->tasks()[0].run(set);
  }

  fakes::FakeUserContext context_;
  fakes::SimulatedLoop loop_;
  fakes::FakeHttpEngine engine_{loop_};
  RequestStats stats_{0.0};
  Rng rng_{1};
  UserEvents events_;
  std::unique_ptr<ScenarioProgram> program_;
  UserClass user_class_;
  std::unique_ptr<User> user_;
};

constexpr const char* kTagged = R"(
users:
  U:
    tasks:
      a: {tags: [read, fast], steps: [get: /a]}
      b: {tags: [write], steps: [get: /b]}
      c: [get: /c]
)";

TEST_F(ScenarioOptions, TagsChooseTasksByStocksRules) {
  ASSERT_THAT(load(kTagged), IsEmpty());
  EXPECT_THAT(drawn(), ElementsAre("a", "b", "c"));
  const auto with = [&](std::vector<std::string> tags, std::vector<std::string> exclude) {
    program_->set_options({.tags = std::move(tags), .exclude_tags = std::move(exclude)});
    program_->begin_test({});
    return drawn();
  };
  EXPECT_THAT(with({"read"}, {}), ElementsAre("a"));
  EXPECT_THAT(with({"read", "write"}, {}), ElementsAre("a", "b"));
  EXPECT_THAT(with({}, {"write"}), ElementsAre("a", "c"));
  EXPECT_THAT(with({"read", "write"}, {"fast"}), ElementsAre("b"));
  EXPECT_THAT(with({"nothing"}, {}), IsEmpty());
  EXPECT_TRUE(user_->tasks().empty());
  EXPECT_THAT(with({}, {}), ElementsAre("a", "b", "c"));
}

TEST_F(ScenarioOptions, TheWorkersOwnTagsCountWhereTheMasterSaysNothing) {
  ASSERT_THAT(load(kTagged), IsEmpty());
  program_->set_own_tags({"write"}, {});
  program_->set_options({});
  program_->begin_test({});
  EXPECT_THAT(drawn(), ElementsAre("b"));
  program_->set_options({.tags = std::vector<std::string>{}});
  program_->begin_test({});
  EXPECT_THAT(drawn(), ElementsAre("a", "b", "c")) << "stock masters send nil for no filter";
}

constexpr const char* kArguments = R"(
arguments:
  tenant: {default: acme}
  key: {default: "${env.API_KEY}-x", secret: true}
  pages: {default: 5}
  none:
users:
  U:
    host: http://h
    tasks:
      t:
        - get: /${arg.tenant}/${arg.key}/${arg.pages + 1}/${arg.none or 'no'}
)";

TEST_F(ScenarioOptions, ArgumentsAreTheMastersElseTheWorkersElseTheDefault) {
  ASSERT_THAT(load(kArguments), IsEmpty());
  run_task();
  program_->give_argument("tenant", ExprValue("own"));
  program_->set_options({});
  run_task();
  program_->set_options({.arguments = {{"tenant", ExprValue("m")},
                                       {"pages", ExprValue("7")},
                                       {"none", ExprValue()},
                                       {"headless", ExprValue(true)}}});
  run_task();
  program_->set_options({});
  run_task();
  std::vector<std::string> urls;
  for (const HttpRequest& request : context_.requests) urls.push_back(request.url);
  EXPECT_THAT(urls, ElementsAre("http://h/acme/k1-x/6/no", "http://h/own/k1-x/6/no",
                                "http://h/m/k1-x/8/no", "http://h/own/k1-x/6/no"));
  user_.reset();  // logs the last request
  ASSERT_EQ(stats_.entries().size(), 1U);
  EXPECT_EQ(stats_.entries().begin()->name,
            "/[arg.tenant]/[arg.key]/[arg.pages + 1]/[arg.none or 'no']")
      << "a value, which may be a secret, gets into no name";
}

TEST_F(ScenarioOptions, ASecretArgumentIsMaskedInTheEvidenceOfAFailure) {
  ASSERT_THAT(load(kArguments), IsEmpty());
  context_.responses = {fakes::FakeUserContext::response(500, "bad key k1-x")};
  run_task();
  user_.reset();
  ASSERT_EQ(stats_.errors().size(), 1U);
  const auto& exchange = stats_.errors()[0].second.exchange;
  ASSERT_NE(exchange, nullptr);
  EXPECT_EQ(exchange->request, "GET http://h/acme/***/6/no\n");
  EXPECT_EQ(exchange->body, "bad key ***");
}

TEST_F(ScenarioOptions, DefaultsAreCheckedAtLoad) {
  EXPECT_THAT(
      load(R"(
arguments:
  a: {default: "x${env.MISSING}"}
  b: {default: "${uuid()}"}
users:
  U:
    tasks: {t: [get: /x]}
)"),
      ElementsAre("f.yaml:3:16: env.MISSING has no value",
                  "f.yaml:4:16: a default may contain ${env.NAME}, but nothing that changes "
                  "during the run"));
}

TEST_F(ScenarioOptions, TheMasterMayChooseTheTasksOfAClassByName) {
  ASSERT_THAT(load(kTagged), IsEmpty());
  program_->set_tasks("Other", {"a"});
  EXPECT_THAT(drawn(), ElementsAre("a", "b", "c"));
  program_->set_tasks("U", {"c", "a"});
  EXPECT_THAT(drawn(), ElementsAre("a", "c"));
  program_->set_options({.tags = std::vector<std::string>{"write"}});
  program_->begin_test({});
  EXPECT_THAT(drawn(), ElementsAre("a", "c")) << "stock filters before the choice, not after it";
}

// The tasks that are left, sets with theirs.
std::string left(const TaskList& tasks, User& user) {
  std::string text;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!tasks.keeps(i)) continue;
    text += (text.empty() ? "" : " ") + tasks[i].name;
    if (tasks[i].nested) text += "(" + left(tasks[i].nested(user)->tasks(), user) + ")";
  }
  return text;
}

constexpr const char* kTaggedSets = R"(
users:
  U:
    tasks:
      a: {tags: [read], steps: [get: /a]}
      plain:
        tasks:
          b: {tags: [read], steps: [get: /b]}
          c: {tags: [write], steps: [get: /c]}
      tagged:
        tags: [read]
        tasks:
          d: [get: /d]
          inner: {tags: [slow], tasks: {e: [get: /e], f: {tags: [write], steps: [get: /f]}}}
)";

TEST_F(ScenarioOptions, TagsOfATaskSetAreThoseOfItsTasks) {
  ASSERT_THAT(load(kTaggedSets), IsEmpty());
  const auto with = [&](std::vector<std::string> tags, std::vector<std::string> exclude) {
    program_->set_options({.tags = std::move(tags), .exclude_tags = std::move(exclude)});
    program_->begin_test({});
    return left(user_->tasks(), *user_);
  };
  EXPECT_EQ(with({}, {}), "a plain(b c) tagged(d inner(e f))");
  EXPECT_EQ(with({"read"}, {}), "a plain(b) tagged(d inner(e f))");
  EXPECT_EQ(with({"write"}, {}), "plain(c) tagged(inner(f))");
  EXPECT_EQ(with({"slow"}, {}), "tagged(inner(e f))");
  EXPECT_EQ(with({}, {"slow"}), "a plain(b c) tagged(d)");
  EXPECT_EQ(with({}, {"read"}), "plain(c)");
  EXPECT_EQ(with({"write"}, {"slow"}), "plain(c)");
  EXPECT_EQ(with({"nothing"}, {}), "");
}

TEST_F(ScenarioOptions, TheMasterChoosesTaskSetsAsWhole) {
  ASSERT_THAT(load(kTaggedSets), IsEmpty());
  program_->set_options({.tags = std::vector<std::string>{"write"}});
  program_->begin_test({});
  program_->set_tasks("U", {"a", "plain", "b"});
  EXPECT_EQ(left(user_->tasks(), *user_), "a plain(c)")
      << "as in stock, which filters the tasks in sets only by tags";
}

class ScenarioHooks : public ScenarioOptions {
 protected:
  // Runs the user of a hook; "" or its exception.
  std::string run_hook(const UserClass& hook) {
    std::string failure;
    UserEvents events;
    events.hook_failed = [&](const User&, std::string_view, const std::string& message,
                             const std::string& traceback) { failure = message + traceback; };
    hook.create({.context = context_,
                 .engine = engine_,
                 .stats = hook_stats_,
                 .rng = rng_,
                 .events = events,
                 .class_name = hook.name,
                 .host = hook.host})
        ->run();
    return failure;
  }
  RequestStats hook_stats_{0.0};
};

constexpr const char* kHooks = R"(
host: http://h
test_start:
  - run: make
  - set: {both: start}
test_stop:
  - delete: /shop/${shop}
steps:
  make:
    - post: /shop
      save: {shop: json('/id')}
users:
  U:
    tasks:
      t:
        - get: /${shop}/${both}
        - set: {both: "${user_id}"}
        - get: /${shop}/${both}
)";

TEST_F(ScenarioHooks, WhatTestStartSavesIsReadByAllUntilTheySetItThemselves) {
  ASSERT_THAT(load(kHooks), IsEmpty());
  context_.responses.push_back(fakes::FakeUserContext::response(200, R"({"id": 42})"));
  EXPECT_EQ(run_hook(*program_->hooks().test_start), "");
  run_task();
  make_user();
  run_task();
  EXPECT_EQ(run_hook(*program_->hooks().test_stop), "");
  std::vector<std::string> urls;
  for (const HttpRequest& request : context_.requests) urls.push_back(request.url);
  EXPECT_THAT(urls, ElementsAre("http://h/shop", "http://h/42/start", "http://h/42/0",
                                "http://h/42/start", "http://h/42/0", "http://h/shop/42"));
  program_->begin_test({});
  EXPECT_THROW(run_task(), TaskError) << "the next test has its own";
}

TEST_F(ScenarioHooks, AnExceptionInThemNamesItsPlaceAndSharesNothing) {
  ASSERT_THAT(load(R"(
test_start:
  - set: {a: 1}
  - set: {b: "x${c}"}
  - set: {c: 1}
users:
  U:
    host: http://h
    tasks: {t: [get: "/${a}"]}
)"),
              IsEmpty());
  EXPECT_EQ(run_hook(*program_->hooks().test_start),
            "c has no value  File \"f.yaml\", line 4, in test_start\n");
  EXPECT_THROW(run_task(), TaskError);
  EXPECT_FALSE(program_->hooks().test_stop);
}

TEST_F(ScenarioHooks, WaitAllSpawnedWaitsForTheMastersWord) {
  ASSERT_THAT(load(R"(
users:
  U:
    host: http://h
    tasks: {t: [wait: all_spawned, get: /x]}
)"),
              IsEmpty());
  run_task();
  EXPECT_EQ(context_.gate_waits, 1);
  program_->all_spawned();
  run_task();
  EXPECT_EQ(context_.gate_waits, 1);
  program_->begin_test({});
  run_task();
  EXPECT_EQ(context_.gate_waits, 2);
  EXPECT_THAT(context_.sleeps, IsEmpty());
}

TEST_F(ScenarioHooks, StopTestTellsTheWorkerAndEndsTheUser) {
  ASSERT_THAT(load(R"(
users:
  U:
    host: http://h
    tasks: {t: [stop_test: true, get: /x]}
)"),
              IsEmpty());
  int calls = 0;
  program_->on_stop_test([&] { ++calls; });
  EXPECT_THROW(run_task(), StopUser);
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(context_.requests, IsEmpty());
}

}  // namespace
}  // namespace locust::worker
