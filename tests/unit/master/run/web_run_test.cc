// Tests that a person starts, edits and stops, in simulated time.
#include "master/run/web_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/mask.h"
#include "common/scenario/scenario_parse.h"
#include "master/run/run_recorder.h"
#include "proto/class_info.h"
#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kShop = R"(
arguments:
  pages: {default: 5, help: how many}
  key: {default: x, secret: true}
  size: {default: s, choices: [s, m]}
  region: {default: "${env.REGION}"}
users:
  Admin: {tasks: {t: [get: /]}}
  Shop: {weight: 3, tasks: {t: [get: /]}}
)";

class WebRunTest : public MasterTest {
 protected:
  // Without a scenario the workers bring the classes.
  void begin(const char* yaml = nullptr) {
    if (yaml != nullptr) {
      parsed_ = parse_scenario({{"f.yaml", yaml}});
      ASSERT_THAT(parsed_.errors, IsEmpty());
      scenario_ = &parsed_.scenario;
    }
    MasterConfig config;
    if (scenario_ != nullptr) config.classes = proto::class_infos(*scenario_);
    config.is_scenario = is_scenario_;
    config.stop_timeout = stop_timeout_;
    config.reset_stats = reset_stats_;
    master_.emplace(loop_, network_.master(),
                    UserClassCatalog(scenario_, {}, options_.user_classes), std::move(config));
    run_.emplace(
        loop_, *master_, options_, scenario_, std::move(thresholds_),
        [this](int code) { exit_codes_.push_back(code); }, locustfile_);
    run_->begin();
  }
  web::SwarmReply swarm(std::int64_t users, double rate = 100) {
    const web::SwarmReply reply = run_->swarm({.user_count = users, .spawn_rate = rate});
    loop_.advance(milliseconds(1500));
    return reply;
  }
  MasterState state() const { return master_->state(); }
  ScriptedWorker& worker() { return *workers_.at(0); }

  MasterOptions options_;
  bool is_scenario_ = false;  // then a test needs hosts
  double stop_timeout_ = 0;
  bool reset_stats_ = false;
  std::vector<Threshold> thresholds_;
  ParsedScenario parsed_;
  const Scenario* scenario_ = nullptr;
  const LocustfileArguments* locustfile_ = nullptr;
  std::optional<WebRun> run_;
  std::vector<int> exit_codes_;
};

TEST_F(WebRunTest, StartEditStopStart) {
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(swarm(5).success);
  EXPECT_EQ(state(), MasterState::kRunning);
  EXPECT_EQ(worker().users(), 5);
  EXPECT_TRUE(swarm(8).success);
  EXPECT_EQ(worker().users(), 8);
  run_->stop();
  EXPECT_EQ(state(), MasterState::kStopping);
  loop_.advance(seconds(1));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_EQ(worker().users(), 0);
  EXPECT_TRUE(swarm(3).success);
  EXPECT_EQ(state(), MasterState::kRunning);
  EXPECT_EQ(worker().users(), 3);
  EXPECT_THAT(exit_codes_, IsEmpty());
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(WebRunTest, TheHostIsShownWithoutItsPasswordAndStaysWhenItComesBackLikeThat) {
  options_.common.host = "http://ada:hunter2@shop";
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  const auto start = [this](const char* host) {
    const auto reply = run_->swarm({.user_count = 1, .spawn_rate = 1, .host = host});
    loop_.advance(milliseconds(1500));
    return reply.host.value_or("");
  };
  EXPECT_EQ(start("http://ada:***@shop"), "http://ada:***@shop");
  EXPECT_EQ(worker().got<proto::Spawn>().back()->host, "http://ada:hunter2@shop");
  EXPECT_EQ(start("http://ada:other@shop"), "http://ada:***@shop");
  EXPECT_EQ(worker().got<proto::Spawn>().back()->host, "http://ada:other@shop");
}

TEST_F(WebRunTest, SaysWhyNothingStarts) {
  begin();
  EXPECT_THAT(swarm(5).message, testing::StartsWith("No User class found!"));
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_EQ(run_->swarm({.user_count = 5}).message,
            "Missing or invalid user_count or spawn_rate from /swarm request");
  EXPECT_EQ(run_->swarm({.user_count = 5, .spawn_rate = 0}).success, false);
  worker().freeze();
  loop_.advance(seconds(6));
  EXPECT_THAT(swarm(5).message, HasSubstr("before at least one worker"));
  EXPECT_EQ(state(), MasterState::kReady);
}

TEST_F(WebRunTest, TheRunTimeOfTheFormEndsTheTestAndAnEditCountsAnew) {
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_EQ(run_->swarm({.user_count = 1, .spawn_rate = 1, .run_time = 10}).run_time, 10);
  loop_.advance(seconds(8));
  EXPECT_TRUE(run_->swarm({.user_count = 2, .spawn_rate = 1, .run_time = 10}).success);
  loop_.advance(seconds(8));
  EXPECT_EQ(state(), MasterState::kRunning);
  loop_.advance(seconds(3));
  EXPECT_EQ(state(), MasterState::kStopped);
}

TEST_F(WebRunTest, TheRunTimeOfOneTestDoesNotEndTheNext) {
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  (void)run_->swarm({.user_count = 1, .spawn_rate = 1, .run_time = 10});
  loop_.advance(seconds(5));
  run_->stop();
  loop_.advance(seconds(1));
  swarm(2);
  loop_.advance(seconds(20));
  EXPECT_EQ(state(), MasterState::kRunning);
}

TEST_F(WebRunTest, HostAndArgumentsOfTheFormReachTheWorkers) {
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  EXPECT_EQ(run_->form().arguments.at(0).value, "5");
  const web::SwarmReply reply = run_->swarm({.user_count = 1,
                                             .spawn_rate = 1,
                                             .host = "http://b",
                                             .others = {{"pages", "7"}, {"key", "s"}}});
  EXPECT_EQ(reply.host, "http://b");
  loop_.advance(seconds(1));
  const proto::Spawn& spawn = *worker().got<proto::Spawn>().back();
  EXPECT_EQ(spawn.host, "http://b");
  EXPECT_EQ(*proto::find(spawn.parsed_options, "pages"), proto::Value(7));
  EXPECT_EQ(*proto::find(spawn.parsed_options, "key"), proto::Value("s"));
  EXPECT_EQ(run_->form().host, "http://b");
  EXPECT_EQ(run_->form().arguments.at(0).value, "7");
  EXPECT_EQ(run_->form().arguments.at(1).value, "");
  EXPECT_THAT(run_->swarm({.user_count = 1, .spawn_rate = 1, .others = {{"pages", "x"}}}).message,
              HasSubstr("pages: 'x' is not a number"));
}

TEST_F(WebRunTest, FieldsThatNobodyKnowsAreRefusedByName) {
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  const auto refused = [this](web::Fields others) {
    return run_->swarm({.user_count = 1, .spawn_rate = 1, .others = std::move(others)}).message;
  };
  EXPECT_EQ(refused({{"page", "7"}, {"pages", "7"}, {"\x1b[2J", "1"}}),
            "Unknown field(s) in /swarm request: page, \\x1b[2J; did you mean 'pages'?");
  EXPECT_EQ(state(), MasterState::kReady);
  EXPECT_EQ(run_->form().arguments.at(0).value, "5");
  const std::string many = refused(web::Fields(1'000, {"unknown", ""}));
  EXPECT_LT(many.size(), 500);
}

TEST_F(WebRunTest, NamesOfStocksOptionsAreTakenAndTagsReachTheWorkers) {
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  const web::Fields others = {
      {"loglevel", "DEBUG"}, {"tags", "a, b"}, {"tags", "c"}, {"exclude_tags", ""}};
  EXPECT_TRUE(run_->swarm({.user_count = 1, .spawn_rate = 1, .others = others}).success);
  loop_.advance(seconds(1));
  const proto::Spawn& spawn = *worker().got<proto::Spawn>().back();
  EXPECT_EQ(*proto::find(spawn.parsed_options, "tags"),
            proto::Value(proto::Value::Array{"a", "b", "c"}));
  EXPECT_EQ(*proto::find(spawn.parsed_options, "exclude_tags"), proto::Value());
  EXPECT_EQ(proto::find(spawn.parsed_options, "loglevel"), nullptr);
}

// Arguments whose texts somebody else reads.
class FakeLocustfile final : public LocustfileArguments {
 public:
  std::vector<FormArgument> form_arguments() const override {
    return {{.name = "size", .value = "3", .type = FormArgument::Type::kNumber},
            {.name = "items", .value = "a,b", .multiple = true},
            {.name = "key", .value = "", .secret = true, .hidden = true},
            {.name = "keys", .value = "", .secret = true, .multiple = true}};
  }
  Result<proto::Value> read(const FormArgument& argument,
                            const std::vector<std::string>& texts) const override {
    if (texts.front() == "bad") return Error{argument.name + ": 'bad' is bad"};
    return proto::Value(proto::Value::Array(texts.begin(), texts.end()));
  }
};

TEST_F(WebRunTest, ALocustfileReadsItsArgumentsItself) {
  const FakeLocustfile locustfile;
  locustfile_ = &locustfile;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_EQ(run_->form().arguments, locustfile.form_arguments());
  const auto swarm_with = [this](web::Fields others) {
    const auto reply = run_->swarm({.user_count = 1, .spawn_rate = 1, .others = std::move(others)});
    loop_.advance(seconds(1));
    return reply;
  };
  EXPECT_TRUE(swarm_with({{"size", "3"}, {"items", "a"}, {"items", "c"}, {"key", "s"}}).success);
  const proto::Spawn& spawn = *worker().got<proto::Spawn>().back();
  EXPECT_EQ(proto::find(spawn.parsed_options, "size"), nullptr);  // as it was
  EXPECT_EQ(*proto::find(spawn.parsed_options, "items"),
            proto::Value(proto::Value::Array{"a", "c"}));
  EXPECT_EQ(*proto::find(spawn.parsed_options, "key"), proto::Value(proto::Value::Array{"s"}));
  EXPECT_EQ(run_->form().arguments.at(1).value, "a,c");
  EXPECT_EQ(run_->form().arguments.at(2).value, "");
  EXPECT_EQ(swarm_with({{"size", "bad"}}).message, "size: 'bad' is bad");
  EXPECT_EQ(swarm_with({{"sizes", "1"}}).success, false);
  run_->interrupt();
  loop_.advance(seconds(2));
}

TEST_F(WebRunTest, EachValueOfASecretListIsMasked) {
  const FakeLocustfile locustfile;
  locustfile_ = &locustfile;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  const auto give = [this](web::Fields others) {
    run_->swarm({.user_count = 1, .spawn_rate = 1, .others = std::move(others)});
  };
  give({{"keys", "form-one, form-two"}});
  give({{"keys", "form-three"}, {"keys", "form-four"}});
  EXPECT_EQ(masked("a form-one b form-two c form-three d form-four").find("form-"),
            std::string::npos);
  run_->interrupt();
  loop_.advance(seconds(2));
}

TEST_F(WebRunTest, AnArgumentWithChoicesTakesNoOther) {
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  EXPECT_THAT(run_->form().arguments.at(2).choices, ElementsAre("s", "m"));
  const web::SwarmReply reply =
      run_->swarm({.user_count = 1, .spawn_rate = 1, .others = {{"size", "xl"}}});
  EXPECT_FALSE(reply.success);
  EXPECT_EQ(reply.message, "size: 'xl' is none of: s, m");
  EXPECT_TRUE(run_->swarm({.user_count = 1, .spawn_rate = 1, .others = {{"size", "m"}}}).success);
  EXPECT_EQ(run_->form().arguments.at(2).value, "m");
}

TEST_F(WebRunTest, WhatTheFormCannotShowStaysUnlessItIsTyped) {
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  const auto sent = [this](const char* name) {
    return proto::find(worker().got<proto::Spawn>().back()->parsed_options, name);
  };
  const web::Fields untouched = {{"key", ""}, {"region", ""}};
  (void)run_->swarm({.user_count = 1, .spawn_rate = 1, .others = untouched});
  loop_.advance(seconds(1));
  EXPECT_EQ(sent("key"), nullptr);
  EXPECT_EQ(sent("region"), nullptr);
  (void)run_->swarm({.user_count = 2, .spawn_rate = 1, .others = {{"region", "eu"}}});
  loop_.advance(seconds(1));
  ASSERT_NE(sent("region"), nullptr);
  EXPECT_EQ(*sent("region"), proto::Value("eu"));
}

TEST_F(WebRunTest, TheClassPickerChoosesTheClassesOfATest) {
  options_.web.class_picker = true;
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  web::SwarmReply reply =
      run_->swarm({.user_count = 4, .spawn_rate = 100, .user_classes = {"Admin"}});
  EXPECT_EQ(reply.user_classes, std::vector<std::string>{"Admin"});
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users("Admin"), 4);
  EXPECT_EQ(worker().users("Shop"), 0);
  EXPECT_FALSE(run_->swarm({.user_count = 4, .spawn_rate = 1, .user_classes = {"X"}}).success);
  run_->stop();
  loop_.advance(seconds(1));
  reply = run_->swarm({.user_count = 4, .spawn_rate = 100});
  EXPECT_EQ(reply.user_classes, (std::vector<std::string>{"Admin", "Shop"}));
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users("Shop"), 3);
}

TEST_F(WebRunTest, AShapeLeadsATestThatAFormStarts) {
  begin(
      "shape: {stages: [{for: 3s, users: 2, spawn_rate: 10}, {for: 3s, users: 4, "
      "spawn_rate: 10}]}\nusers: {Shop: {tasks: {t: [get: /]}}}\n");
  EXPECT_TRUE(run_->form().shape);
  EXPECT_FALSE(run_->form().use_common_options);
  join("w_1");
  loop_.advance(seconds(4));
  const web::SwarmReply reply = run_->swarm({.user_count = 50, .spawn_rate = 50});
  EXPECT_THAT(reply.message, testing::StartsWith("Swarming started using shape class '"));
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 2);
  EXPECT_TRUE(run_->swarm({.user_count = 50, .spawn_rate = 50}).success);
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 4);
  loop_.advance(seconds(4));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_THAT(exit_codes_, IsEmpty());
}

TEST_F(WebRunTest, AnEditLeavesTheChosenShapeInCharge) {
  options_.web.class_picker = true;
  begin(
      "shapes: {steps: {stages: [{for: 3s, users: 2, spawn_rate: 10}, {for: 3s, users: 4, "
      "spawn_rate: 10}]}}\nusers: {Shop: {tasks: {t: [get: /]}}}\n");
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(run_->swarm({.user_count = 9, .spawn_rate = 9, .shape_class = "steps"}).success);
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 2);
  EXPECT_TRUE(run_->swarm({.user_count = 9, .spawn_rate = 9}).success);
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 4);
}

TEST_F(WebRunTest, WhatIsRefusedChangesNothing) {
  options_.web.class_picker = true;
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  const web::SwarmForm wrong{.user_count = 7,
                             .spawn_rate = 7,
                             .host = "http://b",
                             .user_classes = {"Admin"},
                             .others = {{"pages", "x"}}};
  EXPECT_FALSE(run_->swarm(wrong).success);
  EXPECT_NE(run_->form().users, 7);
  EXPECT_NE(run_->form().host, "http://b");
  EXPECT_TRUE(swarm(4).success);
  EXPECT_EQ(worker().users("Shop"), 3);
  EXPECT_EQ(worker().got<proto::Spawn>().back()->host, std::nullopt);
}

TEST_F(WebRunTest, OfALongTextWhatIsRefusedQuotesTheBegin) {
  options_.web.class_picker = true;
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  const std::string text = "\x1b[2J\n" + std::string(2'000, 'x');
  for (const web::SwarmForm& form :
       {web::SwarmForm{.user_count = 1, .spawn_rate = 1, .user_classes = {text}},
        web::SwarmForm{.user_count = 1, .spawn_rate = 1, .shape_class = text},
        web::SwarmForm{.user_count = 1, .spawn_rate = 1, .others = {{"pages", text}}}}) {
    const std::string message = run_->swarm(form).message;
    EXPECT_THAT(message, HasSubstr("\\x1b[2J\\x0axxx"));
    EXPECT_LT(message.size(), 200) << message;
  }
}

TEST_F(WebRunTest, AutostartWaitsForTheWorkersAndAutoquitEndsTheRun) {
  options_.autostart = true;
  options_.autoquit = 3;
  options_.users = 2;
  options_.run_time = 5;
  options_.expect_workers = 2;
  begin();
  join("w_1");
  loop_.advance(seconds(5));
  EXPECT_EQ(state(), MasterState::kReady);
  join("w_2");
  loop_.advance(seconds(3));
  EXPECT_EQ(state(), MasterState::kRunning);
  loop_.advance(seconds(4));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_THAT(exit_codes_, IsEmpty());
  loop_.advance(seconds(4));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(WebRunTest, WithoutAutoquitThePageStaysAndANewTestMayBegin) {
  options_.autostart = true;
  options_.run_time = 2;
  begin();
  join("w_1");
  loop_.advance(seconds(10));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_TRUE(swarm(3).success);
  loop_.advance(seconds(60));
  EXPECT_EQ(state(), MasterState::kRunning);
  EXPECT_THAT(exit_codes_, IsEmpty());
}

TEST_F(WebRunTest, GivesUpWaitingAsHeadlessRunsDo) {
  options_.autostart = true;
  options_.expect_workers_max_wait = 5;
  begin();
  loop_.advance(seconds(10));
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST_F(WebRunTest, WhoStartsATestByHandNeedsTheAutomaticOneNoMore) {
  options_.autostart = true;
  options_.expect_workers = 2;
  options_.expect_workers_max_wait = 20;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(swarm(3).success);
  loop_.advance(seconds(60));
  EXPECT_EQ(state(), MasterState::kRunning);
  run_->stop();
  join("w_2");
  loop_.advance(seconds(10));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_THAT(exit_codes_, IsEmpty());
}

TEST_F(WebRunTest, AutostartWithTheClassPickerTakesTheClassesOfTheCommandLine) {
  options_.autostart = true;
  options_.web.class_picker = true;
  options_.users = 4;
  options_.spawn_rate = 10;
  options_.user_classes = {"Admin"};
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(6));
  EXPECT_EQ(worker().users("Admin"), 4);
  EXPECT_EQ(worker().users("Shop"), 0);
}

TEST_F(WebRunTest, WhatCannotStartLeavesTheCountDownOfAutoquitAlone) {
  options_.autostart = true;
  options_.autoquit = 10;
  options_.run_time = 2;
  begin();
  join("w_1");
  loop_.advance(seconds(8));
  ASSERT_EQ(state(), MasterState::kStopped);
  worker().freeze();
  loop_.advance(seconds(4));
  EXPECT_FALSE(swarm(5).success);
  loop_.advance(seconds(20));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(WebRunTest, AShapeThatNobodyCanRunIsRefused) {
  options_.autostart = true;
  options_.autoquit = 0;
  begin(
      "shape: {stages: [{for: 3s, users: 2, spawn_rate: 10}]}\n"
      "users: {Shop: {tasks: {t: [get: /]}}}\n");
  join("w_1", {.classes = {"Other"}});
  loop_.advance(seconds(8));
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST_F(WebRunTest, AMasterThatTestedNothingIsNotJudged) {
  thresholds_ = parse_thresholds("failures < 1").thresholds;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_THAT(run_->verdicts(), IsEmpty());
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(WebRunTest, AResetAfterTheTestLeavesItsVerdicts) {
  thresholds_ = parse_thresholds("failures < 1").thresholds;
  options_.verdicts.checks.fail_ratio = 0.1;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  swarm(1);
  worker().stats().log_request(worker().wall_time(), "GET", "/", 1, 0);
  loop_.advance(seconds(5));
  run_->stop();
  loop_.advance(seconds(2));
  ASSERT_TRUE(run_->verdicts().at(0).holds);
  run_->reset_stats();
  EXPECT_TRUE(run_->verdicts().at(0).holds);
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(WebRunTest, AThresholdDoesNotHurryATestThatIsEndingAlready) {
  thresholds_ = parse_thresholds("failures < 1").thresholds;
  thresholds_[0].abort = true;
  options_.autostart = true;
  options_.autoquit = 0;
  stop_timeout_ = 20;
  begin();
  join("w_1", {.stop_time = seconds(10)});
  loop_.advance(seconds(6));
  ASSERT_EQ(state(), MasterState::kRunning);
  run_->interrupt();
  worker().stats().log_request(worker().wall_time(), "GET", "/", 1, 0);
  worker().stats().log_error(worker().wall_time(), "GET", "/", "oops");
  loop_.advance(seconds(8));
  EXPECT_THAT(exit_codes_, IsEmpty());  // the worker has more to say
  loop_.advance(seconds(5));
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST_F(WebRunTest, TheLossOfAllWorkersEndsTheTestOnly) {
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  swarm(2);
  worker().send(proto::Quit{});
  loop_.advance(seconds(1));
  EXPECT_NE(state(), MasterState::kRunning);
  EXPECT_THAT(exit_codes_, IsEmpty());
  join("w_2");
  loop_.advance(seconds(4));
  EXPECT_TRUE(swarm(2).success);
  EXPECT_EQ(state(), MasterState::kRunning);
}

TEST_F(WebRunTest, AThresholdThatAbortsEndsTheTestAndMakesTheExitCode) {
  thresholds_ = parse_thresholds("failures < 1").thresholds;
  ASSERT_EQ(thresholds_.size(), 1);
  thresholds_[0].abort = true;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  swarm(1);
  worker().stats().log_request(worker().wall_time(), "GET", "/", 1, 0);
  worker().stats().log_error(worker().wall_time(), "GET", "/", "oops");
  loop_.advance(seconds(5));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_FALSE(run_->verdicts().at(0).holds);
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST_F(WebRunTest, KeysStartATestAndChangeItsUsers) {
  begin();
  run_->press('w');  // nobody to run it
  EXPECT_EQ(state(), MasterState::kReady);
  join("w_1");
  loop_.advance(seconds(4));
  const auto users_after = [this](char key) {
    run_->press(key);
    loop_.advance(seconds(2));
    return worker().users();
  };
  EXPECT_EQ(users_after('s'), 0);
  EXPECT_EQ(state(), MasterState::kReady);
  EXPECT_EQ(users_after('W'), 10);
  EXPECT_EQ(state(), MasterState::kRunning);
  EXPECT_EQ(users_after('s'), 9);
  EXPECT_EQ(users_after('x'), 9);
  run_->stop();
  loop_.advance(seconds(1));
  EXPECT_EQ(users_after('w'), 1);
  EXPECT_EQ(state(), MasterState::kRunning);
}

TEST_F(WebRunTest, ChangesAUserClassHereAndOnTheWorkers) {
  begin();
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  EXPECT_TRUE(run_->update_user_class({"Shop", {{"weight", 9}}}));
  loop_.advance(seconds(1));
  const auto updates = worker().got<proto::UpdateUserClass>();
  ASSERT_EQ(updates.size(), 1);
  EXPECT_EQ(updates[0]->user_class_name, "Shop");
  EXPECT_EQ(*proto::find(updates[0]->attributes, "weight"), proto::Value(9));
  swarm(10);
  EXPECT_EQ(worker().users("Shop"), 9);
  const std::string unknown(10'000, '\n');
  const auto refused = run_->update_user_class({unknown, {}});
  ASSERT_FALSE(refused);
  EXPECT_LT(refused.error().size(), 500);
  EXPECT_EQ(refused.error().find('\n'), std::string::npos);
  EXPECT_EQ(run_->update_user_class({"Shopp", {{"weight", 9}}}).error(),
            "there is no user class 'Shopp'");
  EXPECT_EQ(worker().got<proto::UpdateUserClass>().size(), 1);
}

TEST_F(WebRunTest, AnAttributeThatAClassCannotHaveIsRefusedByName) {
  is_scenario_ = true;
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  EXPECT_EQ(run_->update_user_class({"Shop", {{"weigth", 9}}}).error(),
            "weigth: cannot be set; there are fixed_count, host, tasks and weight; did you mean "
            "'weight'?");
  EXPECT_EQ(run_->update_user_class({"Shop", {{"tasks", proto::Value::Array{"t", "tt"}}}}).error(),
            "tasks: class 'Shop' has no task 'tt'; did you mean 't'?");
  EXPECT_THAT(worker().got<proto::UpdateUserClass>(), IsEmpty());
  EXPECT_TRUE(run_->update_user_class({"Shop", {{"tasks", proto::Value::Array{"t"}}}}));
}

TEST_F(WebRunTest, AClassOfStockWorkersTakesAnyAttribute) {
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(run_->update_user_class({"Shop", {{"think", 9}}}));
  loop_.advance(seconds(1));
  EXPECT_THAT(worker().got<proto::UpdateUserClass>(), testing::SizeIs(1));
}

// ---- What the page sees of it ----

class RecorderTest : public WebRunTest {
 protected:
  void see(int seconds_long) {
    for (int i = 0; i < seconds_long; ++i) {
      loop_.advance(seconds(1));
      const SnapshotPtr snapshot = master_->snapshot();
      recorder_->see(*snapshot, run_->plan());
      view_ = recorder_->view(snapshot, run_->verdicts(), run_->form());
    }
  }
  void begin_recorded(const char* yaml = nullptr) {
    begin(yaml);
    recorder_.emplace(*master_, 1);
    join("w_1");
    see(4);
  }
  std::vector<HistoryMarker::Kind> kinds() const {
    std::vector<HistoryMarker::Kind> result;
    for (const HistoryMarker& marker : view_->history.markers) result.push_back(marker.kind);
    return result;
  }

  std::optional<RunRecorder> recorder_;
  RunViewPtr view_;
};

TEST_F(RecorderTest, ATestHasAHistoryFromItsStartToItsEnd) {
  using Kind = HistoryMarker::Kind;
  begin_recorded();
  EXPECT_EQ(view_->run.id, 0);
  EXPECT_THAT(view_->history.points, IsEmpty());
  (void)run_->swarm({.user_count = 5, .spawn_rate = 5, .host = "http://a", .run_time = 60});
  see(10);
  EXPECT_EQ(view_->run.id, 1);
  EXPECT_EQ(view_->run.target_user_count, 5);
  EXPECT_EQ(view_->run.host, "http://a");
  EXPECT_EQ(view_->run.run_time, 60);
  EXPECT_EQ(view_->run.end_time, std::nullopt);
  EXPECT_EQ(view_->tasks_users.at("Shop"), 5);
  run_->stop();
  see(3);
  ASSERT_TRUE(view_->run.end_time);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kStart, Kind::kStop, Kind::kEnd));
  EXPECT_GE(view_->history.points.size(), 10);
  EXPECT_EQ(view_->history.points.at(5)->user_count, 5);
  EXPECT_EQ(view_->tasks_users.at("Shop"), 5);
  const std::size_t points = view_->history.points.size();
  see(20);
  EXPECT_EQ(view_->history.points.size(), points);

  (void)run_->swarm({.user_count = 1, .spawn_rate = 1});
  see(1);
  EXPECT_EQ(view_->run.id, 2);
  EXPECT_EQ(view_->run.end_time, std::nullopt);
  EXPECT_THAT(view_->history.points, IsEmpty());
}

TEST_F(RecorderTest, AResetIsMarkedAndLosesNoSecond) {
  reset_stats_ = true;
  begin_recorded();
  (void)run_->swarm({.user_count = 5, .spawn_rate = 2});
  see(1);
  for (int i = 0; i < 20; ++i) {
    worker().stats().log_request(worker().wall_time(), "GET", "/", Number(i < 2 ? 900 : 100), 0);
    see(1);
  }
  see(3);  // the last report
  run_->stop();
  see(3);
  using Kind = HistoryMarker::Kind;
  EXPECT_THAT(kinds(), ElementsAre(Kind::kStart, Kind::kReset, Kind::kStop, Kind::kEnd));
  double requests = 0;
  for (const auto& point : view_->history.points) {
    requests += point->requests;
    if (point->average) {
      EXPECT_GE(*point->average, 100);
    }
  }
  EXPECT_EQ(requests, 20);
}

// The worker is on the same machine, whose clock is set during the test.
TEST_F(RecorderTest, TheReportShowsAWorkersClockAsTheSnapshotDoes) {
  begin_recorded();
  (void)run_->swarm({.user_count = 1, .spawn_rate = 1});
  see(20);
  loop_.manual_clock().step_wall_time(3600);
  see(20);
  const SnapshotPtr snapshot = master_->snapshot();
  ASSERT_EQ(snapshot->workers.size(), 1);
  ASSERT_EQ(view_->test_workers.size(), 1);
  EXPECT_NEAR(snapshot->workers[0].clock_ahead, 0, 0.1);
  EXPECT_EQ(view_->test_workers[0].clock_ahead, snapshot->workers[0].clock_ahead);
}

TEST_F(RecorderTest, WorkersThatHaveQuitAreStillThoseOfTheTest) {
  begin_recorded();
  join("w_2");
  see(4);
  EXPECT_EQ(view_->test_workers.size(), 2) << "before the first test those that are connected";
  (void)run_->swarm({.user_count = 6, .spawn_rate = 100});
  see(3);
  join("late_3");
  see(4);
  ASSERT_EQ(view_->test_workers.size(), 3);
  run_->interrupt();
  see(2);
  EXPECT_THAT(view_->snapshot->workers, IsEmpty());
  std::int64_t users = 0;
  for (const WorkerView& worker : view_->test_workers) {
    EXPECT_EQ(worker.state, "running") << worker.id;
    users += worker.user_count;
  }
  EXPECT_EQ(users, 6) << "those at the end of the test";
}

TEST_F(RecorderTest, AWorkerThatLeftDuringTheTestIsSaidToBeGone) {
  begin_recorded();
  join("w_2");
  see(4);
  (void)run_->swarm({.user_count = 6, .spawn_rate = 100});
  see(3);
  workers_.at(1)->send(proto::Quit{});
  see(1);
  ASSERT_EQ(view_->test_workers.size(), 2);
  EXPECT_EQ(view_->test_workers[0].state, "running");
  EXPECT_EQ(view_->test_workers[1].state, "gone");
}

TEST_F(RecorderTest, WorkersOfATestTooShortToBeSeenAreKnown) {
  begin_recorded();
  (void)run_->swarm({.user_count = 1, .spawn_rate = 100});
  loop_.advance(milliseconds(100));
  run_->interrupt();
  see(2);
  ASSERT_EQ(view_->test_workers.size(), 1);
  EXPECT_EQ(view_->test_workers[0].id, "w_1");
}

TEST_F(RecorderTest, WorkersOfOneTestAreNotThoseOfTheNext) {
  begin_recorded();
  join("w_2");
  see(4);
  (void)run_->swarm({.user_count = 2, .spawn_rate = 100});
  see(2);
  run_->stop();
  see(2);
  workers_.at(1)->freeze();
  see(6);
  EXPECT_EQ(view_->test_workers.size(), 2);
  (void)run_->swarm({.user_count = 2, .spawn_rate = 100});
  see(2);
  ASSERT_EQ(view_->test_workers.size(), 1);
  EXPECT_EQ(view_->test_workers[0].id, "w_1");
}

TEST_F(RecorderTest, HostsAreTheClassesUnlessOneIsGiven) {
  begin();
  recorder_.emplace(*master_, 1);
  join("w_1",
       {.classes = {"Admin", "Guest", "Shop"},
        .hosts = {{"Admin", "http://admin"}, {"Guest", "http://shop"}, {"Shop", "http://shop"}}});
  see(4);
  (void)run_->swarm({.user_count = 3, .spawn_rate = 100});
  see(2);
  EXPECT_EQ(view_->run.host, std::nullopt);
  EXPECT_THAT(view_->run.hosts, ElementsAre("http://admin", "http://shop"));
  run_->stop();
  see(2);
  EXPECT_THAT(view_->run.hosts, ElementsAre("http://admin", "http://shop"));
  (void)run_->swarm({.user_count = 3, .spawn_rate = 100, .host = "http://b"});
  see(2);
  EXPECT_THAT(view_->run.hosts, ElementsAre("http://b"));
}

TEST_F(RecorderTest, VersionsGrowWithWhatChanges) {
  begin_recorded();
  const ViewVersions before = view_->versions;
  see(1);
  EXPECT_EQ(view_->versions.entries, before.entries);
  EXPECT_EQ(view_->versions.failures, before.failures);
  EXPECT_EQ(view_->versions.form, before.form);
  (void)run_->swarm({.user_count = 1, .spawn_rate = 1});
  see(1);
  worker().stats().log_request(worker().wall_time(), "GET", "/", 1, 0);
  worker().stats().log_error(worker().wall_time(), "GET", "/", "oops");
  see(5);
  EXPECT_GT(view_->versions.entries, before.entries);
  EXPECT_GT(view_->versions.failures, before.failures);
  EXPECT_GT(view_->versions.tasks, before.tasks);
  EXPECT_GT(view_->versions.workers, before.workers);
}

TEST_F(RecorderTest, SharesOfTasksAreTheOwnFilesUntilAWorkerReportsItsOwn) {
  begin_recorded(
      "users: {Shop: {tasks: {a: {weight: 3, steps: [get: /]}, b: [get: /], c: [get: /]}}}\n");
  const auto shares = [this] { return view_->classes.at(0).tasks; };
  EXPECT_THAT(shares(), ElementsAre(TaskShare{"a", 0.6}, TaskShare{"b", 0.2}, TaskShare{"c", 0.2}));
  EXPECT_TRUE(run_->update_user_class({"Shop", {{"tasks", proto::Value::Array{"b", "c"}}}}));
  see(1);
  EXPECT_THAT(shares(), ElementsAre(TaskShare{"b", 0.5}, TaskShare{"c", 0.5}));
}

TEST_F(RecorderTest, SeriesOfMetricsAreBounded) {
  begin_recorded();
  swarm(1);
  for (int i = 0; i < 300; ++i) {
    worker().stats().log_request(worker().wall_time(), "GET", "/" + std::to_string(i), 1, 0);
  }
  see(5);
  EXPECT_EQ(view_->metrics.size(), RunRecorder::kMaxMetricNames);
  EXPECT_EQ(view_->metrics_total.num_requests, 300);
  EXPECT_EQ(view_->snapshot->stats.entries.size(), 300);
}

}  // namespace
}  // namespace locust::master
