// The files of a test, and whether two processes have the same ones.
#include "common/scenario/input_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/scenario/scenario_parse.h"

namespace locust {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TestFiles : public testing::Test {
 protected:
  TestFiles() { std::filesystem::create_directories(folder_ / "sub"); }
  ~TestFiles() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  FileDigests digests(const std::vector<std::string>& scenario_files) {
    const ParsedScenario parsed = parse_scenario_files(scenario_files);
    EXPECT_THAT(parsed.errors, IsEmpty());
    return digest_files(input_files(parsed.scenario));
  }
  static std::vector<std::string> names(const FileDigests& digests) {
    std::vector<std::string> result;
    for (const FileDigest& file : digests) {
      result.push_back(file.name + (file.sha256.empty() ? "?" : ""));
    }
    return result;
  }
  FileDigest digest(const std::string& name) {
    return digest_files({{name, (folder_ / name).string()}}).front();
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("locust_test_files_" + std::to_string(::getpid()));
};

constexpr const char* kScenario = R"(
feeders:
  accounts: {csv: users.csv}
  products: {json: sub/products.json}
  inline: {rows: [{a: 1}]}
shapes:
  day: {csv: day.csv}
users:
  Shop:
    tasks:
      send:
        - post: /
          body_file: picture.png
        - if: true
          then:
            - post: /
              multipart: {f: {path: sub/a.pdf}, again: {path: sub/a.pdf}}
        - post: /
          body_file: "${env.FILE}"
        - post: /
          body: "${template('order.xml')}"
        - log: "${file('motd.txt')}"
)";

TEST_F(TestFiles, AreTheScenariosOwnAndAllThatItNames) {
  const std::string scenario = write("shop.yaml", kScenario);
  write("order.xml", "<a>${file('part.xml')}${now('%Y')}</a>");
  for (const char* name :
       {"users.csv", "sub/products.json", "day.csv", "picture.png", "sub/a.pdf", "motd.txt"}) {
    write(name, name);
  }
  EXPECT_THAT(names(digests({scenario})),
              ElementsAre("shop.yaml", "users.csv", "sub/products.json", "order.xml", "part.xml?",
                          "motd.txt", "picture.png", "sub/a.pdf", "day.csv"));
}

TEST_F(TestFiles, DifferByTheirContent) {
  const std::string scenario = write("shop.yaml", kScenario);
  write("users.csv", "name\nann\n");
  const FileDigests before = digests({scenario});
  EXPECT_THAT(differing_files(before, digests({scenario})), IsEmpty());
  write("users.csv", "name\nbob\n");
  write("motd.txt", "hi");
  EXPECT_THAT(differing_files(before, digests({scenario})), ElementsAre("users.csv"))
      << "what was not there before is not compared";
  write("shop.yaml", std::string(kScenario) + "# changed\n");
  EXPECT_THAT(differing_files(before, digests({scenario})), ElementsAre("shop.yaml", "users.csv"));
}

TEST_F(TestFiles, OfTheSameNameAreToldApart) {
  const std::string first =
      write("a.yaml", "feeders: {f: {csv: u.csv}}\nusers: {A: {tasks: {t: [log: x]}}}");
  const std::string second = write("sub/a.yaml", "feeders: {g: {csv: u.csv}}");
  write("u.csv", "a\n1\n");
  write("sub/u.csv", "a\n2\n");
  const FileDigests both = digests({first, second});
  EXPECT_THAT(names(both), ElementsAre("a.yaml", "a.yaml (2)", "u.csv", "u.csv (2)"));
  EXPECT_NE(both[2].sha256, both[3].sha256);
}

TEST_F(TestFiles, AreDigestedAsOthersDoIt) {
  write("abc", "abc");
  EXPECT_EQ(digest("abc").sha256.size(), kFileDigestBytes);
  EXPECT_EQ(digest("abc").sha256.substr(0, 4), "\xba\x78\x16\xbf");
  write("empty", "");
  EXPECT_EQ(digest("empty").sha256.substr(0, 4), "\xe3\xb0\xc4\x42");
}

TEST_F(TestFiles, ThatAreLargeDifferByTheirBeginAndSize) {
  const std::string path = write("large", "a");
  std::filesystem::resize_file(path, kMaxDigestedBytes + 1);
  const std::string digest_before = digest("large").sha256;
  std::filesystem::resize_file(path, kMaxDigestedBytes + 2);
  EXPECT_NE(digest("large").sha256, digest_before);
}

TEST_F(TestFiles, ThatAreNoRegularOnesAreLeftUnread) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(digest("pipe").sha256, "");
  EXPECT_EQ(digest("sub").sha256, "");
  EXPECT_EQ(digest("nothing").sha256, "");
}

TEST(FileDigests, NamesOnOneSideCountWhereTheOtherCouldReadAll) {
  const FileDigests few = {{"a", "1"}};
  const FileDigests more = {{"a", "1"}, {"b", "2"}};
  const FileDigests unknown = {{"a", ""}};
  EXPECT_THAT(differing_files(few, more), ElementsAre("b"));
  EXPECT_THAT(differing_files(more, few), ElementsAre("b"));
  EXPECT_THAT(differing_files(unknown, more), IsEmpty());
  EXPECT_THAT(differing_files(more, unknown), IsEmpty());
  EXPECT_THAT(differing_files({{"x", "1"}}, {{"y", "1"}}), ElementsAre("x", "y"));
}

TEST_F(TestFiles, BeyondALimitCountTogether) {
  write("abc", "abc");
  std::vector<NamedFile> files(kMaxFileDigests + 20, NamedFile{"abc", (folder_ / "abc").string()});
  const FileDigests all = digest_files(files);
  ASSERT_EQ(all.size(), kMaxFileDigests);
  EXPECT_EQ(all.back().name, "21 more files");
  files.back().path += "d";
  EXPECT_EQ(digest_files(files).back().sha256, "") << "one of them cannot be read";
  write("abcd", "abcd");
  EXPECT_THAT(differing_files(all, digest_files(files)), ElementsAre("21 more files"));
  const FileDigests long_name = digest_files({{std::string(1000, 'x'), "nowhere"}});
  EXPECT_LE(long_name.front().name.size(), kMaxFileDigestName);
}

}  // namespace
}  // namespace locust
