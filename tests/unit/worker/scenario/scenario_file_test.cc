// file() and template(): files that expressions name.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/worker/scenario/scenario_run_fixture.h"

namespace locust::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ScenarioFile : public ScenarioRun {
 protected:
  ScenarioFile() : folder_(std::filesystem::temp_directory_path() / unique_name()) {
    std::filesystem::create_directories(folder_);
  }
  ~ScenarioFile() override { std::filesystem::remove_all(folder_); }

  static std::string unique_name() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return std::string("locust_file_") + test->name() + "_" + std::to_string(::getpid());
  }
  // The path of the new file in quotes, as an expression names it.
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return "'" + (folder_ / name).string() + "'";
  }
  std::vector<std::string> errors_of(const std::string& steps) {
    ParsedScenario parsed =
        parse_scenario({{(folder_ / "f.yaml").string(),
                         "feeders: {f: {rows: [{a: 1}]}}\nusers:\n  U:\n    tasks:\n      t:\n" +
                             indented(steps, 8)}});
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

  // What the request sends.
  static std::string body(const HttpRequest& request) {
    std::string body = request.body;
    for (const HttpBodyPart& part : request.body_parts) {
      std::ifstream file(part.file, std::ios::binary);
      body += part.text + std::string(std::istreambuf_iterator<char>(file), {});
    }
    return body;
  }

  const std::filesystem::path folder_;
};

TEST_F(ScenarioFile, AFileIsSentAsItIs) {
  const std::string query = write("q.graphql", "query {\n  a(n: \"${x}\")\n}\n");
  EXPECT_EQ(run("- post: /\n  json: {query: \"${file(" + query + ")}\"}\n" +
                "- post: /\n  body: \"${file(" + query + ")}\"\n"),
            "");
  EXPECT_EQ(request(0).body, R"({"query": "query {\n  a(n: \"${x}\")\n}\n"})");
  EXPECT_EQ(request(1).body, "query {\n  a(n: \"${x}\")\n}\n");
}

TEST_F(ScenarioFile, ATemplateIsFilledInEachTime) {
  const std::string order =
      write("order.xml", "<n>${n}</n>$${x}<k>${env.API_KEY}</k>${json('/id') or 'none'}");
  answer(200, R"({"id": 17})");
  EXPECT_EQ(run("- set: {n: 1}\n- post: /\n  body: \"${template(" + order + ")}\"\n" +
                "- set: {n: 2}\n- post: /\n  body: \"<o>${template(" + order + ")}</o>\"\n"),
            "");
  EXPECT_EQ(request(0).body, "<n>1</n>${x}<k>k1</k>none");
  EXPECT_EQ(request(1).body, "<o><n>2</n>${x}<k>k1</k>17</o>");
}

TEST_F(ScenarioFile, ANullInATemplateNamesTheVariable) {
  const std::string order = write("order.xml", "<n>${n}</n>");
  EXPECT_EQ(run("- post: /\n  body: \"${template(" + order + ")}\"\n- set: {n: 1}\n"),
            "n has no value");
}

TEST_F(ScenarioFile, ATemplateMayHoldAFile) {
  write("part.txt", "part ${n}");
  write("whole.txt", "[${file('part.txt')}|${f.a or ''}]");
  EXPECT_THAT(errors_of("- post: /\n  body: \"${template('whole.txt')}\"\n"), IsEmpty());
}

TEST_F(ScenarioFile, WhatIsWrongWithFilesIsFoundAtLoad) {
  write("syntax.xml", "<a>\n${1 +}</a>");
  write("name.xml", "<a>\n\n${userid} ${f.b}</a>");
  write("nested.xml", "${template('name.xml')}");
  write("latin.xml", "\xE4");
  write("env.xml", "${env.NOBODY_SETS_THIS}");
  write("deep.xml", "${" + std::string(20, '[') + "1" + std::string(20, ']') + "}");
  write("missing.xml", "${file('nothing.txt')}");
  EXPECT_THAT(
      errors_of("- post: /\n  body: \"${file('no.txt')}\"\n"
                "- post: /\n  body: \"${template('syntax.xml')}\"\n"
                "- post: /\n  body: \"${template('name.xml')}\"\n"
                "- post: /\n  body: \"${template('nested.xml')}\"\n"
                "- post: /\n  body: \"${template('latin.xml')}\"\n"
                "- post: /\n  body: \"${template('env.xml')}\"\n"
                "- post: /\n  body: \"${template('deep.xml')}\"\n"
                "- post: /\n  body: \"${template('missing.xml')}\"\n"
                "- set: {user: 1}\n"),
      ElementsAre(
          "f.yaml:7:20: no.txt cannot be read: No such file or directory",
          "f.yaml:9:20: syntax.xml:2: expected a value, not '}'",
          "f.yaml:11:20: name.xml:3: unknown name 'userid': nothing sets it; did you mean 'user'?",
          "f.yaml:11:20: the feeder 'f' has no column 'b'",
          "f.yaml:13:20: nested.xml:1: a template cannot contain another one",
          "f.yaml:15:20: latin.xml is not UTF-8 text; save it as UTF-8, or use file()",
          "f.yaml:17:20: env.xml: env.NOBODY_SETS_THIS has no value",
          "f.yaml:19:20: deep.xml:1: this expression is nested too deeply",
          "f.yaml:21:20: nothing.txt cannot be read: No such file or directory"));
}

TEST_F(ScenarioFile, APathIsKnownAtLoad) {
  const auto parsed = parse_scenario(
      {{"f.yaml", "users:\n  U: {tasks: {t: [{set: {a: \"${file(user_id)}\"}}]}}\n"}});
  EXPECT_THAT(parsed.errors,
              ElementsAre("f.yaml:2:32: file() takes a path in quotes: files are read before the "
                          "run"));
}

TEST_F(ScenarioFile, AMultipartFormIsSentWithItsFiles) {
  const std::string path = write("a.pdf", std::string("%PDF\0\r\n", 7));
  EXPECT_EQ(run("- set: {t: hi}\n- post: /up\n  multipart:\n    title: \"${t} \\\"you\\\"\"\n"
                "    tag: [a, b]\n    'fi\"le': {path: " +
                path + ", type: \"application/${t}\", filename: \"${t}.pdf\"}\n    raw: {path: " +
                path + "}\n"),
            "");
  const std::string type = header(request(), "Content-Type");
  const std::string prefix = "multipart/form-data; boundary=";
  ASSERT_EQ(type.substr(0, prefix.size()), prefix);
  const std::string line = "--" + type.substr(prefix.size());
  ASSERT_EQ(line.size(), 34U);
  const std::string name = "\r\nContent-Disposition: form-data; name=";
  const std::string file("%PDF\0\r\n", 7);
  EXPECT_EQ(body(request()),
            line + name + "\"title\"\r\n\r\nhi \"you\"\r\n" + line + name + "\"tag\"\r\n\r\na\r\n" +
                line + name + "\"tag\"\r\n\r\nb\r\n" + line + name +
                "\"fi%22le\"; filename=\"hi.pdf\"\r\nContent-Type: application/hi\r\n\r\n" + file +
                "\r\n" + line + name + "\"raw\"; filename=\"a.pdf\"\r\n\r\n" + file + "\r\n" +
                line + "--\r\n");
}

TEST_F(ScenarioFile, EachMultipartRequestHasABoundaryOfItsOwn) {
  EXPECT_EQ(run("- post: /\n  multipart: {a: 1}\n- post: /\n  multipart: {a: 1}\n"), "");
  EXPECT_NE(body(request(0)), body(request(1)));
}

TEST_F(ScenarioFile, ABodyFileIsSentAsItIs) {
  write("a.bin", std::string("${n}\0\r\n", 7));
  const std::string folder = folder_.string();
  EXPECT_EQ(run("- set: {n: a}\n- post: /\n  body_file: " + folder + "/a.bin\n" +
                "- post: /\n  body_file: " + folder + "/${n}.bin\n" +
                "  headers: {Content-Type: image/png}\n" + "- post: /\n  multipart: {f: {path: \"" +
                folder + "/${n}.bin\"}}\n"),
            "");
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(request(i).body_parts.size(), 1U);
    EXPECT_EQ(request(i).body_parts[0].file, folder + "/a.bin");
    EXPECT_EQ(request(i).body, "");
  }
  EXPECT_EQ(header(request(0), "Content-Type"), "application/octet-stream");
  EXPECT_EQ(header(request(1), "Content-Type"), "image/png");
  EXPECT_THAT(body(request(2)), ::testing::HasSubstr("; filename=\"a.bin\"\r\n"));
  EXPECT_EQ(request(2).body_parts[1].file, folder + "/a.bin");
}

TEST_F(ScenarioFile, ABodyFileIsLookedForAtLoadIfItsPathIsKnown) {
  std::filesystem::create_directories(folder_ / "pictures");
  write("pictures/a.png", "png");
  EXPECT_THAT(errors_of("- post: /\n  body_file: no.bin\n"
                        "- post: /\n  body_file: pictures\n"
                        "- post: /\n  body_file: pictures/a.png\n"
                        "- post: /\n  body_file: ${user_id}.bin\n"
                        "- post: /\n  body_file: ${env.NOBODY_SETS_THIS}.bin\n"),
              ElementsAre("f.yaml:7:22: no.bin cannot be read: No such file or directory",
                          "f.yaml:9:22: pictures cannot be read: it is not a regular file",
                          "f.yaml:15:22: env.NOBODY_SETS_THIS has no value"));
}

TEST_F(ScenarioFile, WhatIsWrongWithAMultipartFormIsFoundAtLoad) {
  EXPECT_THAT(errors_of("- post: /\n  multipart: {f: {path: no.pdf}}\n"),
              ElementsAre("f.yaml:7:33: no.pdf cannot be read: No such file or directory"));
  const auto parsed = parse_scenario(
      {{"f.yaml",
        "users:\n  U:\n    tasks:\n      t:\n      - {post: /, multipart: [a]}\n"
        "      - {post: /, multipart: {}}\n      - {post: /, multipart: {f: {type: x}}}\n"
        "      - {post: /, multipart: {f: {pth: x, path: [x]}}, body: x}\n"}});
  EXPECT_THAT(
      parsed.errors,
      ElementsAre("f.yaml:5:30: 'multipart' must be a mapping, not a list",
                  "f.yaml:6:30: 'multipart' has no parts", "f.yaml:7:34: file 'f' needs 'path'",
                  "f.yaml:8:35: unknown key 'pth' in file 'f'; did you mean 'path'?",
                  "f.yaml:8:49: 'path' must be a text, not a list",
                  "f.yaml:8:62: a request has one of 'json', 'form', 'body', 'body_file' and "
                  "'multipart'"));
}

}  // namespace
}  // namespace locust::worker
