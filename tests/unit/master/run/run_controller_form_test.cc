// What a form that starts or edits a test may say, and what becomes of it.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/base/mask.h"
#include "tests/unit/master/run/run_controller_fixture.h"

namespace locust::master {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RunFormTest : public RunControllerTest {};

TEST_F(RunFormTest, TheHostIsShownWithoutItsPasswordAndStaysWhenItComesBackLikeThat) {
  options_.common.host = "http://ada:hunter2@shop";
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  const auto start = [this](const char* host) {
    const auto reply = ask({.user_count = 1, .spawn_rate = 1, .host = host});
    loop_.advance(milliseconds(1500));
    return reply.host.value_or("");
  };
  EXPECT_EQ(start("http://ada:***@shop"), "http://ada:***@shop");
  EXPECT_EQ(worker().got<proto::Spawn>().back()->host, "http://ada:hunter2@shop");
  EXPECT_EQ(start("http://ada:other@shop"), "http://ada:***@shop");
  EXPECT_EQ(worker().got<proto::Spawn>().back()->host, "http://ada:other@shop");
}

TEST_F(RunFormTest, SaysWhyNothingStarts) {
  begin();
  EXPECT_THAT(swarm(5).message, testing::StartsWith("No User class found!"));
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_EQ(ask({.user_count = 5}).message,
            "Missing or invalid user_count or spawn_rate from /swarm request");
  EXPECT_EQ(ask({.user_count = 5, .spawn_rate = 0}).success, false);
  worker().freeze();
  loop_.advance(seconds(6));
  EXPECT_THAT(swarm(5).message, HasSubstr("before at least one worker"));
  EXPECT_EQ(state(), MasterState::kReady);
}

// environment.shape_class of a locustfile, with a shape of two users.
class ChosenInCode final : public LocustfileShape {
 public:
  std::optional<ShapeSpec> shape() override {
    if (name.empty()) return std::nullopt;
    ShapeSpec spec;
    spec.name = name;
    spec.load = ShapeCode{[](Duration) { return ShapeCode::Tick{2, 10, std::nullopt}; }};
    return spec;
  }

  std::string name;
};

TEST_F(RunFormTest, TheShapeThatCodeHasChosenIsShownAndRuns) {
  ChosenInCode code;
  locustfile_shape_ = &code;
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  EXPECT_EQ(run_->form().shape, std::nullopt);
  code.name = "Chosen";
  run_->shape_chosen();
  EXPECT_EQ(run_->form().shape, "Chosen");
  EXPECT_FALSE(run_->form().use_common_options);
  EXPECT_EQ(ask({}).message, "Swarming started using shape class 'Chosen'");
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 2);
  run_->stop();
  loop_.advance(seconds(2));
  code.name.clear();
  run_->shape_chosen();
  EXPECT_EQ(run_->form().shape, std::nullopt);
  EXPECT_TRUE(swarm(1).success);
}

TEST_F(RunFormTest, TheHostThatCodeSetsIsThatOfTheFormAndOfTheOrders) {
  options_.common.host = "http://of-the-command-line";
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  run_->set_host("http://chosen");
  EXPECT_EQ(run_->form().host, "http://chosen");
  EXPECT_EQ(swarm(1).host, "http://chosen");
  EXPECT_EQ(worker().got<proto::Spawn>().back()->host, "http://chosen");
}

TEST_F(RunFormTest, EachStartReadsTheFileOfTheShapeAnew) {
  const std::string file = testing::TempDir() + "run_form_test." + std::to_string(::getpid());
  const auto write = [&file](const std::string& users) {
    std::ofstream(file) << "time,users,spawn_rate\n0," << users << ",10\n60," << users << ",10\n";
  };
  write("3");
  begin(("shape: {csv: " + file + "}\nusers: {Shop: {tasks: {t: [get: /]}}}\n").c_str());
  join("w_1");
  loop_.advance(seconds(4));
  write("5");
  EXPECT_TRUE(ask({}).success);
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 5);
  run_->stop();
  loop_.advance(seconds(2));
  std::filesystem::remove(file);
  EXPECT_THAT(ask({}).message, HasSubstr(file));
  EXPECT_EQ(state(), MasterState::kStopped);
}

TEST_F(RunFormTest, HostAndArgumentsOfTheFormReachTheWorkers) {
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  EXPECT_EQ(run_->form().arguments.at(0).value, "5");
  const web::SwarmReply reply = ask({.user_count = 1,
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
  EXPECT_THAT(ask({.user_count = 1, .spawn_rate = 1, .others = {{"pages", "x"}}}).message,
              HasSubstr("pages: 'x' is not a number"));
}

TEST_F(RunFormTest, FieldsThatNobodyKnowsAreRefusedByName) {
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  const auto refused = [this](web::Fields others) {
    return ask({.user_count = 1, .spawn_rate = 1, .others = std::move(others)}).message;
  };
  EXPECT_EQ(refused({{"page", "7"}, {"pages", "7"}, {"\x1b[2J", "1"}}),
            "Unknown field(s) in /swarm request: page, \\x1b[2J; did you mean 'pages'?");
  EXPECT_EQ(state(), MasterState::kReady);
  EXPECT_EQ(run_->form().arguments.at(0).value, "5");
  const std::string many = refused(web::Fields(1'000, {"unknown", ""}));
  EXPECT_LT(many.size(), 500);
}

TEST_F(RunFormTest, NamesOfStocksOptionsAreTakenAndTagsReachTheWorkers) {
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  const web::Fields others = {
      {"loglevel", "DEBUG"}, {"tags", "a, b"}, {"tags", "c"}, {"exclude_tags", ""}};
  EXPECT_TRUE(ask({.user_count = 1, .spawn_rate = 1, .others = others}).success);
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

TEST_F(RunFormTest, ALocustfileReadsItsArgumentsItself) {
  const FakeLocustfile locustfile;
  locustfile_ = &locustfile;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_EQ(run_->form().arguments, locustfile.form_arguments());
  const auto swarm_with = [this](web::Fields others) {
    const auto reply = ask({.user_count = 1, .spawn_rate = 1, .others = std::move(others)});
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

TEST_F(RunFormTest, EachValueOfASecretListIsMasked) {
  const FakeLocustfile locustfile;
  locustfile_ = &locustfile;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  const auto give = [this](web::Fields others) {
    ask({.user_count = 1, .spawn_rate = 1, .others = std::move(others)});
  };
  give({{"keys", "form-one, form-two"}});
  give({{"keys", "form-three"}, {"keys", "form-four"}});
  EXPECT_EQ(masked("a form-one b form-two c form-three d form-four").find("form-"),
            std::string::npos);
  run_->interrupt();
  loop_.advance(seconds(2));
}

TEST_F(RunFormTest, AnArgumentWithChoicesTakesNoOther) {
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  EXPECT_THAT(run_->form().arguments.at(2).choices, ElementsAre("s", "m"));
  const web::SwarmReply reply = ask({.user_count = 1, .spawn_rate = 1, .others = {{"size", "xl"}}});
  EXPECT_FALSE(reply.success);
  EXPECT_EQ(reply.message, "size: 'xl' is none of: s, m");
  EXPECT_TRUE(ask({.user_count = 1, .spawn_rate = 1, .others = {{"size", "m"}}}).success);
  EXPECT_EQ(run_->form().arguments.at(2).value, "m");
}

TEST_F(RunFormTest, WhatTheFormCannotShowStaysUnlessItIsTyped) {
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  const auto sent = [this](const char* name) {
    return proto::find(worker().got<proto::Spawn>().back()->parsed_options, name);
  };
  const web::Fields untouched = {{"key", ""}, {"region", ""}};
  (void)ask({.user_count = 1, .spawn_rate = 1, .others = untouched});
  loop_.advance(seconds(1));
  EXPECT_EQ(sent("key"), nullptr);
  EXPECT_EQ(sent("region"), nullptr);
  (void)ask({.user_count = 2, .spawn_rate = 1, .others = {{"region", "eu"}}});
  loop_.advance(seconds(1));
  ASSERT_NE(sent("region"), nullptr);
  EXPECT_EQ(*sent("region"), proto::Value("eu"));
}

TEST_F(RunFormTest, TheClassPickerChoosesTheClassesOfATest) {
  options_.web.class_picker = true;
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  web::SwarmReply reply = ask({.user_count = 4, .spawn_rate = 100, .user_classes = {"Admin"}});
  EXPECT_EQ(reply.user_classes, std::vector<std::string>{"Admin"});
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users("Admin"), 4);
  EXPECT_EQ(worker().users("Shop"), 0);
  EXPECT_FALSE(ask({.user_count = 4, .spawn_rate = 1, .user_classes = {"X"}}).success);
  run_->stop();
  loop_.advance(seconds(1));
  reply = ask({.user_count = 4, .spawn_rate = 100});
  EXPECT_EQ(reply.user_classes, (std::vector<std::string>{"Admin", "Shop"}));
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users("Shop"), 3);
}

TEST_F(RunFormTest, WhatIsRefusedChangesNothing) {
  options_.web.class_picker = true;
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  const web::SwarmForm wrong{.user_count = 7,
                             .spawn_rate = 7,
                             .host = "http://b",
                             .user_classes = {"Admin"},
                             .others = {{"pages", "x"}}};
  EXPECT_FALSE(ask(wrong).success);
  EXPECT_NE(run_->form().users, 7);
  EXPECT_NE(run_->form().host, "http://b");
  EXPECT_TRUE(swarm(4).success);
  EXPECT_EQ(worker().users("Shop"), 3);
  EXPECT_EQ(worker().got<proto::Spawn>().back()->host, std::nullopt);
}

TEST_F(RunFormTest, OfALongTextWhatIsRefusedQuotesTheBegin) {
  options_.web.class_picker = true;
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  const std::string text = "\x1b[2J\n" + std::string(2'000, 'x');
  for (const web::SwarmForm& form :
       {web::SwarmForm{.user_count = 1, .spawn_rate = 1, .user_classes = {text}},
        web::SwarmForm{.user_count = 1, .spawn_rate = 1, .shape_class = text},
        web::SwarmForm{.user_count = 1, .spawn_rate = 1, .others = {{"pages", text}}}}) {
    const std::string message = ask(form).message;
    EXPECT_THAT(message, HasSubstr("\\x1b[2J\\x0axxx"));
    EXPECT_LT(message.size(), 200) << message;
  }
}

TEST_F(RunFormTest, AClassWithoutAHostIsRefusedUnlessItsConfigHasOne) {
  const char* shop = "users: {Shop: {tasks: {t: [get: /]}}}\n";
  options_.as_one_process = true;
  is_scenario_ = true;
  begin(shop);
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_THAT(swarm(1).message, HasSubstr("host"));
  EXPECT_EQ(state(), MasterState::kReady);
  run_.reset();
  workers_.clear();
  config_users_ = {{.user_class_name = "Shop", .host = "http://shop"}};
  begin(shop);
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(swarm(1).success);
}

TEST_F(RunFormTest, ChangesAUserClassHereAndOnTheWorkers) {
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

TEST_F(RunFormTest, AnAttributeThatAClassCannotHaveIsRefusedByName) {
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

TEST_F(RunFormTest, AClassOfStockWorkersTakesAnyAttribute) {
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(run_->update_user_class({"Shop", {{"think", 9}}}));
  loop_.advance(seconds(1));
  EXPECT_THAT(worker().got<proto::UpdateUserClass>(), testing::SizeIs(1));
}

}  // namespace
}  // namespace locust::master
