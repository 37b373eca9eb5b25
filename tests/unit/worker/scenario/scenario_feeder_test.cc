// Feeders: their files, how rows are dealt, and the steps that use them.
#include <spdlog/sinks/ostream_sink.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/base/log.h"
#include "tests/unit/worker/scenario/scenario_run_fixture.h"
#include "worker/scenario/feeder.h"
#include "worker/scenario/feeder_table.h"

namespace locust::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// --- Files.

class FeederFile : public ::testing::Test {
 protected:
  FeederTable csv(const std::string& text, char delimiter = ',') {
    return read_feeder_csv("u.csv", text, delimiter, error_);
  }
  FeederTable json(const std::string& text) { return read_feeder_json("u.json", text, error_); }
  // All rows as JSON.
  static std::vector<std::string> rows(const FeederTable& table) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < table.size(); ++i) out.push_back(table.row(i).to_json());
    return out;
  }

  std::vector<std::string> errors_;
  FileErrors error_ = [this](const std::string& message) { errors_.push_back(message); };
};

TEST_F(FeederFile, CsvIsReadByRfc4180) {
  const FeederTable table =
      csv("email,name\r\n"
          "a@x,\"Doe, Jane\"\r\n"
          "b@x,\"say \"\"hi\"\"\"\r\n"
          "\"c@x\",\"two\r\nlines\"\r\n"
          ",\r\n");
  EXPECT_THAT(errors_, IsEmpty());
  EXPECT_THAT(rows(table), ElementsAre(R"({"email": "a@x", "name": "Doe, Jane"})",
                                       R"({"email": "b@x", "name": "say \"hi\""})",
                                       R"({"email": "c@x", "name": "two\r\nlines"})",
                                       R"({"email": "", "name": ""})"));
}

TEST_F(FeederFile, CsvMayHaveAMarkAnyLineEndEmptyLinesAndNoLastLineEnd) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string text = "\xEF\xBB\xBFid;n" + end + "01;ä" + end + end + "02;\"\"";
    EXPECT_THAT(rows(csv(text, ';')),
                ElementsAre(R"({"id": "01", "n": "\u00e4"})", R"({"id": "02", "n": ""})"));
  }
  EXPECT_THAT(rows(csv("a\tb\n1\t2\n", '\t')), ElementsAre(R"({"a": "1", "b": "2"})"));
  EXPECT_THAT(errors_, IsEmpty());
}

TEST_F(FeederFile, CsvErrorsTellTheLineAndTheRemedy) {
  csv("a,b\n1\n\"x\ny\",2\n1,2,3\n");
  EXPECT_THAT(errors_, ElementsAre("u.csv:2: 1 value, but the header names 2 columns; quote values "
                                   "that contain a ','",
                                   "u.csv:5: 3 values, but the header names 2 columns; quote "
                                   "values that contain a ','"));
  errors_.clear();
  csv("a,b\n1,2\n3,\"4\n5,6\n");
  EXPECT_THAT(errors_,
              ElementsAre("u.csv:3: the quote that opens a value in this line is never closed"));
  errors_.clear();
  csv("a\n5\" disk\n\"x\"y\n");
  EXPECT_THAT(
      errors_,
      ElementsAre("u.csv:2: a quote inside a value: put the value in quotes and write the quote "
                  "twice",
                  "u.csv:3: text after a closing quote: a quote inside a value is written twice"));
  errors_.clear();
  csv("a,,a\n1,2,3\n");
  EXPECT_THAT(errors_, ElementsAre("u.csv:1: a column of the header has no name",
                                   "u.csv:1: the column 'a' is a duplicate"));
  errors_.clear();
  csv("");
  csv("\xEF\xBB\xBF\r\n");
  csv("a,b\n");
  csv("a\n\xE4\n");
  EXPECT_THAT(errors_, ElementsAre("u.csv is empty; its first line must name the columns",
                                   "u.csv is empty; its first line must name the columns",
                                   "u.csv has no rows below its header",
                                   "u.csv is not UTF-8 text; save it as UTF-8"));
}

TEST_F(FeederFile, ACsvThatIsWrongInEveryLineGivesFiveErrors) {
  std::string text = "a,b\n";
  for (int i = 0; i < 100; ++i) text += "1\n";
  csv(text);
  ASSERT_EQ(errors_.size(), 7U);
  EXPECT_EQ(errors_[5], "u.csv: there are more errors");
  EXPECT_EQ(errors_[6], "u.csv has no rows below its header");
}

TEST_F(FeederFile, JsonKeepsTypesAndWhatARowLacksIsNull) {
  const FeederTable table = json(
      "\xEF\xBB\xBF [{\"n\": 5, \"x\": 1.5, \"ok\": true, \"no\": false, \"t\": \"05\"},"
      " {\"t\": null, \"more\": {\"a\": [1, \"b\"]}, \"n\": 9007199254740993}]");
  EXPECT_THAT(errors_, IsEmpty());
  EXPECT_THAT(table.columns(), ElementsAre("n", "x", "ok", "no", "t", "more"));
  EXPECT_THAT(rows(table),
              ElementsAre(R"({"n": 5, "x": 1.5, "ok": true, "no": false, "t": "05", "more": null})",
                          R"({"n": 9007199254740993, "x": null, "ok": null, "no": null, )"
                          R"("t": null, "more": {"a": [1, "b"]}})"));
}

TEST_F(FeederFile, NumbersOfJsonKeepTheirDigits) {
  const FeederTable table = json("[{\"id\": 12345678901234567890, \"x\": [18446744073709551616]}]");
  EXPECT_THAT(errors_, IsEmpty());
  EXPECT_THAT(rows(table),
              ElementsAre(R"({"id": 12345678901234567890, "x": [18446744073709551616]})"));
}

TEST_F(FeederFile, JsonErrorsTellThePlace) {
  json("[{\"a\": 1},\n {\"a\": }]");
  json("{\"a\": 1}");
  json("[{\"a\": 1}, 5]");
  json("[]");
  json("[{}]");
  json(" \n");
  json("[{\"a\": 1e999}, ]");
  json("[" + std::string(200, '[') + std::string(200, ']') + "]");
  EXPECT_THAT(errors_,
              ElementsAre("u.json:2: this is not JSON",
                          "u.json must contain a JSON array of objects, [{…}, …]",
                          "u.json: element 1 of the array is not an object",
                          "u.json has no rows: the array is empty, or its objects are",
                          "u.json has no rows: the array is empty, or its objects are",
                          "u.json is empty; it must contain a JSON array of objects",
                          "u.json is not JSON", "u.json is JSON that is nested too deeply"));
}

TEST_F(FeederFile, AMillionRowsTakeLittleMoreThanTheirText) {
  std::string text = "email,password\n";
  for (int i = 0; i < 1'000'000; ++i) text += "user" + std::to_string(i) + "@example.com,secret\n";
  const FeederTable table = csv(text);
  EXPECT_EQ(table.size(), 1'000'000U);
  EXPECT_LT(table.memory_bytes(), text.size() + 8U * 1'000'000U);
  EXPECT_EQ(table.row(999'999).to_json(),
            R"({"email": "user999999@example.com", "password": "secret"})");
}

// --- Picking.

class FeederPick : public ::testing::Test {
 protected:
  FeederPick() {
    log::capture(std::make_shared<spdlog::sinks::ostream_sink_mt>(logged_));
    spec_.name = "f";
  }
  ~FeederPick() override { log::capture(nullptr); }

  Feeder feeder(FeederSpec::Pick pick, int rows) {
    spec_.pick = pick;
    FeederTable table = FeederTable::of_values({"n"});
    for (int i = 0; i < rows; ++i) table.add({{"n", ExprValue(i)}});
    return Feeder(spec_, std::move(table));
  }

  // "0 1 end", at most `limit` of them.
  std::string take(Feeder& feeder, int limit) {
    std::string out;
    for (int i = 0; i < limit; ++i) {
      ExprValue row;
      if (!feeder.next(rng_, row)) return out + "end";
      out += (row.is_null() ? "null" : row.as_map()->front().second.to_text()) + " ";
    }
    return out;
  }

  FeederSpec spec_;
  Rng rng_{5};
  std::ostringstream logged_;
};

TEST_F(FeederPick, SequentialGoesRoundAndRoundAndBeginsAnewWithATest) {
  Feeder f = feeder(FeederSpec::Pick::kSequential, 3);
  EXPECT_EQ(take(f, 5), "0 1 2 0 1 ");
  f.begin_test(1, 2);
  EXPECT_EQ(take(f, 1), "0 ");
}

TEST_F(FeederPick, RandomReachesEveryRow) {
  Feeder f = feeder(FeederSpec::Pick::kRandom, 3);
  const std::string drawn = take(f, 100);
  for (const char* n : {"0", "1", "2"}) EXPECT_THAT(drawn, HasSubstr(n));
}

TEST_F(FeederPick, UniqueDealsRowsToWorkersAndNeverTwice) {
  Feeder f = feeder(FeederSpec::Pick::kUnique, 7);
  EXPECT_EQ(take(f, 9), "0 1 2 3 4 5 6 end");
  f.begin_test(0, 3);
  EXPECT_EQ(take(f, 9), "0 3 6 end");
  f.begin_test(1, 3);
  EXPECT_EQ(take(f, 9), "1 4 end");
  f.begin_test(2, 3);
  EXPECT_EQ(take(f, 9), "2 5 end");
  EXPECT_EQ(take(f, 1), "end");
}

TEST_F(FeederPick, ThatNoUniqueRowIsLeftIsLoggedOnce) {
  Feeder f = feeder(FeederSpec::Pick::kUnique, 1);
  take(f, 5);
  take(f, 5);
  const std::string line = "Feeder 'f' has no unused row left: users that need one stop";
  EXPECT_THAT(logged_.str(), HasSubstr(line));
  EXPECT_EQ(logged_.str().find(line), logged_.str().rfind(line));
}

TEST_F(FeederPick, AWorkerBeyondTheExpectedOnesHasNoUniqueRowsAndSaysSo) {
  Feeder f = feeder(FeederSpec::Pick::kUnique, 7);
  f.begin_test(2, 2);
  EXPECT_EQ(take(f, 2), "end");
  EXPECT_THAT(logged_.str(), HasSubstr("Feeder 'f' has no rows for this worker: its index is 2, "
                                       "but the master expects 2 worker(s)"));
  EXPECT_THAT(logged_.str(), HasSubstr("--expect-workers 3"));
  f.begin_test(-1, 2);
  EXPECT_EQ(take(f, 2), "end");
  f.begin_test(7, 8);
  EXPECT_EQ(take(f, 2), "end");
  EXPECT_THAT(logged_.str(), HasSubstr("Feeder 'f' has 7 row(s), none of them for worker 7 of 8"));
}

TEST_F(FeederPick, WithKeepTheOldestRowsLeaveAndANewTestForgetsThem) {
  spec_.keep = 3;
  Feeder f = feeder(FeederSpec::Pick::kSequential, 2);
  const auto add = [&f](int n) { f.add(ExprValue(ExprMap{{"n", ExprValue(n)}})); };
  add(7);
  EXPECT_EQ(take(f, 2), "0 1 ");
  add(8);  // 0 leaves
  EXPECT_EQ(take(f, 4), "7 8 1 7 ");
  f.begin_test(0, 1);
  EXPECT_EQ(take(f, 3), "0 1 0 ");
}

TEST_F(FeederPick, AnEmptyOneWithKeepGivesNulls) {
  spec_.keep = 3;
  Feeder f = feeder(FeederSpec::Pick::kRandom, 0);
  EXPECT_EQ(take(f, 2), "null null ");
}

// --- In a scenario.

class ScenarioFeeder : public ScenarioRun {
 protected:
  ScenarioFeeder() : folder_(std::filesystem::temp_directory_path() / unique_name()) {
    std::filesystem::create_directories(folder_ / "data");
  }
  ~ScenarioFeeder() override { std::filesystem::remove_all(folder_); }

  static std::string unique_name() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return std::string("locust_feeder_") + test->name() + "_" + std::to_string(::getpid());
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  // What a worker finds wrong, the folder's name left out.
  std::vector<std::string> errors_of(const std::string& text) {
    ParsedScenario parsed = parse_scenario({{(folder_ / "f.yaml").string(), text}});
    EXPECT_THAT(parsed.errors, IsEmpty());
    std::vector<std::string> errors =
        compile_scenario(std::move(parsed.scenario), test_environment).errors;
    const std::string prefix = folder_.string() + "/";
    for (std::string& error : errors) {
      for (auto at = error.find(prefix); at != std::string::npos; at = error.find(prefix)) {
        error.erase(at, prefix.size());
      }
    }
    return errors;
  }

  const std::filesystem::path folder_;
};

constexpr const char* kUser = "users:\n  U:\n    host: http://h\n    tasks:\n      t:\n";

TEST_F(ScenarioFeeder, RowsAreReadByColumn) {
  EXPECT_EQ(run(R"(
- feed: who
- post: /login/${who.n}
  json: {name: "${who.name}", n: "${who.n}", key: "${who['api key']}", row: "${who}"}
- feed: who
- get: /${who.name}
)",
                "", R"(feeders:
  who:
    pick: sequential
    rows: [{name: Ann, n: 1, "api key": "${env.API_KEY}"}, {name: Bob}]
)"),
            "");
  EXPECT_EQ(request(0).url, "http://shop/login/1");
  EXPECT_EQ(request(0).body,
            R"({"name": "Ann", "n": 1, "key": "k1", "row": {"name": "Ann", "n": 1, )"
            R"("api key": "k1"}})");
  EXPECT_EQ(request(1).url, "http://shop/Bob");
  EXPECT_THAT(rows(), ElementsAre("POST /login/[who.n]", "GET /[who.name]"));
}

TEST_F(ScenarioFeeder, AColumnIsNullUntilTheUserWasFed) {
  EXPECT_EQ(run("- get: /${who.name}\n", "", "feeders:\n  who: {rows: [{name: Ann}]}\n"),
            "who.name has no value");
}

TEST_F(ScenarioFeeder, AUserThatFindsNoUniqueRowStops) {
  load("- feed: who\n", "", "feeders:\n  who: {rows: [{n: 1}], pick: unique}\n");
  EXPECT_EQ(run_task(), "");
  EXPECT_THROW(run_task(), StopUser);
}

TEST_F(ScenarioFeeder, ATestBeginsWithTheWorkersShare) {
  load("- feed: who\n- get: /${who.n}\n", "",
       "feeders:\n  who: {rows: [{n: 0}, {n: 1}, {n: 2}, {n: 3}], pick: unique}\n");
  program_->set_worker_index(1);
  program_->begin_test({.expect_workers = 2});
  EXPECT_EQ(run_task(), "");
  EXPECT_EQ(run_task(), "");
  EXPECT_EQ(request(0).url, "http://shop/1");
  EXPECT_EQ(request(1).url, "http://shop/3");
  EXPECT_THROW(run_task(), StopUser);
}

TEST_F(ScenarioFeeder, StepsAddRowsThatUsersTake) {
  answer(201, R"({"id": 17})");
  EXPECT_EQ(run(R"(
- feed: orders
- set: {none: "${orders.id or 'nothing'}"}
- post: /orders
- add: {orders: {id: "${json('/id')}", by: "${none}"}}
- feed: orders
- get: /orders/${orders.id}
  params: {by: "${orders.by}"}
)",
                "", "feeders:\n  orders: {keep: 10}\n"),
            "");
  EXPECT_EQ(request(1).url, "http://shop/orders/17?by=nothing");
}

TEST_F(ScenarioFeeder, FilesAreFoundBesideTheScenario) {
  write("data/users.csv", "email;password\r\na@x;p\r\n");
  write("data/q.json", "[{\"q\": \"x\"}]");
  const std::string text = std::string("feeders:\n  a: {csv: data/users.csv, delimiter: ';'}\n") +
                           "  b: {json: data/q.json}\n" + kUser +
                           "        - get: /${a.email}/${a.password}/${b.q}\n";
  EXPECT_THAT(errors_of(text), IsEmpty());
}

TEST_F(ScenarioFeeder, WhatIsWrongWithFilesAndColumnsIsFoundAtLoad) {
  write("users.csv", "email;password\na;b\n");
  write("bad.csv", "a,b\n1\n2,3\n");
  const std::string text =
      std::string(
          "feeders:\n  a: {csv: missing.csv}\n  b: {csv: users.csv}\n  c: {csv: bad.csv}\n") +
      "  d: {rows: [{name: x}]}\n  e: {keep: 5}\n  f: {json: data}\n" +
      "  g: {rows: [{n: \"${user_id}\"}]}\n" + kUser +
      "        - get: /${a.x}/${b.email}/${d.nam}/${e.id}/${d['other']}\n"
      "        - add: {e: {idd: 1}}\n";
  EXPECT_THAT(
      errors_of(text),
      ElementsAre(
          "f.yaml:2:12: missing.csv cannot be read: No such file or directory",
          "f.yaml:4:12: bad.csv:2: 1 value, but the header names 2 columns; quote values "
          "that contain a ','",
          "f.yaml:7:13: data cannot be read: Is a directory",
          "f.yaml:8:14: a row may contain ${env.NAME}, but nothing that changes during the run",
          "f.yaml:14:26: the feeder 'b' has no column 'email'; its one column is "
          "'email;password': set 'delimiter: \";\"'",
          "f.yaml:14:37: the feeder 'd' has no column 'nam'; did you mean 'name'?",
          "f.yaml:14:46: the feeder 'e' has no column 'id'; did you mean 'idd'?",
          "f.yaml:14:54: the feeder 'd' has no column 'other'"));
}

}  // namespace
}  // namespace locust::worker
