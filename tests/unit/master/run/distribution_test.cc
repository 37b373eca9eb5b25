// What the master's -f becomes for workers with -f -.
#include "master/run/distribution.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "common/options/locustfile_paths.h"

namespace locust::master {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DistributionTest : public testing::Test {
 protected:
  ~DistributionTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    const std::string file = path(name);
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  // With a user class, which a scenario needs.
  std::string write_scenario(const std::string& name, const std::string& text) const {
    return write(name, "users: {U: {tasks: {t: [get: /]}}}\n" + text);
  }
  static proto::LocustfileReply reply_for(const std::string& locustfile) {
    const ParsedScenario parsed = parse_scenario_files({locustfile});
    EXPECT_THAT(parsed.errors, ElementsAre());
    return scenario_reply(parsed);
  }
  static std::map<std::string, std::string> files_of(const proto::LocustfileReply& reply) {
    std::map<std::string, std::string> files;
    EXPECT_EQ(reply.error.value_or(""), "");
    for (const auto& element : reply.locustfiles.value()) {
      const auto& file = std::get<proto::LocustfileSource>(element);
      files[file.filename] = file.contents;
    }
    return files;
  }
  static std::vector<std::string> names_of(const proto::LocustfileReply& reply) {
    std::vector<std::string> names;
    for (const auto& [name, contents] : files_of(reply)) names.push_back(name);
    return names;
  }

  const std::string folder_ =
      testing::TempDir() + "distribution_test." + std::to_string(::getpid());
};

TEST_F(DistributionTest, OnlyPythonFilesAreNoScenario) {
  EXPECT_TRUE(is_python("a.py"));
  EXPECT_TRUE(is_python("a.py, dir/b.py"));
  EXPECT_TRUE(is_python("https://example.com/tests/a.py?raw=1"));
  EXPECT_FALSE(is_python("https://example.com/tests/a.yaml"));
  EXPECT_FALSE(is_python("a.yaml"));
  EXPECT_FALSE(is_python("a.py,b.yaml"));
  EXPECT_FALSE(is_python(""));
  write("python/deep/a.py", "");
  EXPECT_TRUE(is_python(path("python")));
  write("python/b.yaml", "");
  EXPECT_FALSE(is_python(path("python")));
}

TEST_F(DistributionTest, PythonFilesAreReadByTheirBaseNamesOrNamedInAnError) {
  write("a.py", "x = 1\n");
  write("b.py", "y = 2\n");
  write("other/a.py", "");
  write("other/_skipped.py", "");
  write("large.py", std::string(std::size_t{2} << 20, '#'));
  write("latin.py", "\xe9");
  const auto files = read_python_files(path("a.py") + ", " + path("b.py"));
  ASSERT_TRUE(files) << files.error();
  EXPECT_EQ(files->single->filename, "a.py");
  EXPECT_EQ(files->single->contents, "x = 1\n");
  EXPECT_THAT(names_of(*files), ElementsAre("a.py", "b.py"));
  EXPECT_THAT(names_of(read_python_files(path("other")).value()), ElementsAre("a.py"));
  const std::string twice = path("a.py") + "," + path("other/a.py") + "," + path("a.py");
  EXPECT_THAT(names_of(read_python_files(twice).value()), ElementsAre("a.py", "a_2.py"));
  for (const std::string& wrong : {path("large.py"), path("latin.py"), path("missing.py")}) {
    EXPECT_FALSE(read_python_files(wrong)) << wrong;
  }
}

TEST_F(DistributionTest, AScenarioTravelsWithTheFilesItNames) {
  write("data/users.csv", "name\na\n");
  write("tests/more/items.json", "[]");
  write("tests/a.png", "\x89PNG\xff");
  write("tests/order.xml", "<a>${file('inner.txt')}</a>");
  write("tests/inner.txt", "inner");
  write("tests/form.pdf", "pdf");
  write("tests/after.bin", "after");
  write("tests/ca.pem", "ca");
  const std::string scenario = write("tests/shop.yaml", R"(
feeders:
  users: {csv: ../data/users.csv}
  items: {json: more/items.json}
  own: {csv: /etc/hostname}
steps:
  named: [{post: /x, body_file: a.png}]
users:
  U:
    ca: ca.pem
    cert: secret.pem
    tasks:
      set:
        tasks:
          t:
            - post: /
              body: "${template('order.xml')}"
              after: [{if: failed, then: [{post: /, body_file: after.bin}]}]
            - post: /
              multipart: {file: {path: form.pdf}}
            - post: /
              body_file: "${users.name}.bin"
            - interrupt: true
)");
  const proto::LocustfileReply reply = reply_for(scenario);
  EXPECT_EQ(reply.scenarios, 1);
  EXPECT_EQ(std::get<proto::LocustfileSource>(reply.locustfiles->front()).filename,
            "tests/shop.yaml");
  EXPECT_THAT(names_of(reply),
              ElementsAre("data/users.csv", "tests/a.png", "tests/after.bin", "tests/ca.pem",
                          "tests/form.pdf", "tests/inner.txt", "tests/more/items.json",
                          "tests/order.xml", "tests/shop.yaml"));
  EXPECT_EQ(files_of(reply)["tests/a.png"], "\x89PNG\xff");
}

TEST_F(DistributionTest, SeveralFilesAndFoldersTravelTogether) {
  write_scenario("a/one.yaml", "");
  write("b/deep/two.yml", "steps: {s: [get: /]}\n");
  write("b/_skipped.yaml", "nonsense");
  const proto::LocustfileReply reply = reply_for(path("a/one.yaml") + "," + path("b"));
  EXPECT_EQ(reply.scenarios, 2);
  EXPECT_THAT(names_of(reply), ElementsAre("a/one.yaml", "b/deep/two.yml"));
  EXPECT_THAT(names_of(reply_for(path("a/one.yaml"))), ElementsAre("one.yaml"));
}

TEST_F(DistributionTest, WhatCannotBeSentIsAnErrorThatNamesFileAndLimit) {
  write("large.csv", std::string(std::size_t{16} << 20, 'x'));
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  const auto error = [this](const std::string& feeder) {
    return reply_for(write_scenario("shop.yaml", "feeders: {f: {csv: " + feeder + "}}\n"))
        .error.value_or("none");
  };
  EXPECT_THAT(error("large.csv"),
              HasSubstr("large.csv: with this file the test has more than 15 MiB"));
  EXPECT_THAT(error("missing.csv"), HasSubstr("missing.csv: cannot be read: No such file"));
  EXPECT_THAT(error("fifo"), HasSubstr("fifo: is not a regular file"));
  std::string feeders = "feeders:\n";
  for (int i = 0; i < 100; ++i) {
    const std::string name = std::to_string(i) + ".csv";
    write(name, "a\n1\n");
    feeders += "  f" + std::to_string(i) + ": {csv: " + name + "}\n";
  }
  EXPECT_THAT(reply_for(write_scenario("many.yaml", feeders)).error.value_or("none"),
              HasSubstr("99.csv: with this file the test has more than 100 files"));
}

}  // namespace
}  // namespace locust::master
