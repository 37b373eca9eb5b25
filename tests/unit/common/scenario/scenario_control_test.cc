// What is wrong with steps that hold other steps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/scenario/scenario_parse.h"

namespace locust {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// `steps` is the task `t` of the class `U`, its first line is line 5 of the file.
std::vector<std::string> errors_of(const std::string& steps) {
  std::string text = "users:\n  U:\n    tasks:\n      t:\n";
  std::size_t begin = 0;
  while (begin < steps.size()) {
    const std::size_t end = std::min(steps.find('\n', begin), steps.size());
    text += "        " + steps.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return parse_scenario({{"f.yaml", text}}).errors;
}

TEST(ScenarioParseControl, RequiresThePartsOfABlock) {
  EXPECT_THAT(
      errors_of(R"(- if: status == 1
- then: [get: /]
- else: [get: /]
- if: status == 1
  thn: [get: /]
- do: [get: /]
- as: x
- repeat: 3
- while: status == 1
  do: []
- within: 3s
- choose: []
- choose: [{weight: 2}, {do: [], wait: 1}, get]
- choose: {do: []}
)"),
      ElementsAre(
          "f.yaml:5:11: 'if' needs 'then'", "f.yaml:6:11: 'then' belongs to a step with 'if'",
          "f.yaml:7:11: 'else' belongs to a step with 'if'", "f.yaml:8:11: 'if' needs 'then'",
          "f.yaml:9:11: unknown key 'thn' in a step with 'if'; did you mean 'then'?",
          "f.yaml:10:11: 'do' belongs to a step with 'repeat'",
          "f.yaml:11:11: 'as' belongs to a step with 'repeat'", "f.yaml:12:11: 'repeat' needs 'do'",
          "f.yaml:13:11: 'while' alone may never end: add 'repeat: 100' or "
          "'within: 60s'",
          "f.yaml:15:11: 'within' needs 'do'",
          "f.yaml:16:19: 'choose' needs a branch: - {weight: 1, do: […]}",
          "f.yaml:17:20: 'choose' needs 'do'",
          "f.yaml:17:42: unknown key 'wait' in a branch of 'choose'; did you mean 'weight'?",
          "f.yaml:17:52: a branch of 'choose' must be a mapping, not a text",
          "f.yaml:18:19: 'choose' must be a list, not a mapping"));
}

TEST(ScenarioParseControl, ReportsValuesThatCannotBe) {
  EXPECT_THAT(
      errors_of(R"(- set: {orders: [1]}
- {repeat: orders, do: []}
- {repeat: 1.5, do: []}
- {repeat: {a: 1}, do: []}
- {repeat: , do: []}
- {repeat: "n${orders}", do: []}
- {within: soon, do: []}
- {within: [1], do: []}
- {within: "a${orders}", do: []}
- {repeat: 1, as: status, do: []}
- end_task: yes
- stop_user: "true"
- if: 1 +
  then: []
- log: [a]
- fail: {}
)"),
      ElementsAre("f.yaml:6:20: 'repeat' must be a whole number or a list, such as "
                  "\"${orders}\"",
                  "f.yaml:7:20: 'repeat' must be a whole number or a list",
                  "f.yaml:8:20: 'repeat' must be a whole number or a list",
                  "f.yaml:9:20: 'repeat' must be a whole number or a list",
                  "f.yaml:10:20: 'repeat' must be a whole number or a list",
                  "f.yaml:11:20: 'within' must be a time such as 60s",
                  "f.yaml:12:20: 'within' must be a time such as 60s",
                  "f.yaml:13:20: 'within' must be a time such as 60s",
                  "f.yaml:14:27: 'status' is reserved; give the variable "
                  "another name",
                  "f.yaml:15:21: write 'end_task: true'", "f.yaml:16:22: write 'stop_user: true'",
                  "f.yaml:17:18: expected a value at the end",
                  "f.yaml:19:16: 'log' must be a text, not a list",
                  "f.yaml:20:17: 'fail' must be a text, not a mapping"));
}

TEST(ScenarioParseControl, TakesWhatBlocksSetForVariables) {
  EXPECT_THAT(errors_of(R"(- repeat: 3
  as: i
  do: [get: "/${i}", set: {x: "${i}"}]
- if: x
  then: [get: "/${x}"]
)"),
              IsEmpty());
  EXPECT_THAT(errors_of("- if: y\n  then: [get: \"/${z}\"]"),
              ElementsAre("f.yaml:5:15: unknown name 'y': nothing sets it",
                          "f.yaml:6:27: unknown name 'z': nothing sets it"));
}

TEST(ScenarioParseControl, FindsCirclesThroughBlocks) {
  const auto errors = parse_scenario({{"f.yaml", R"(steps:
  a:
    - if: true
      then:
        - repeat: 2
          do:
            - choose: [{do: [run: b]}]
  b: [run: a]
)"}}).errors;
  EXPECT_THAT(errors, ElementsAre("f.yaml:8:7: 'run: a' leads back to itself"));
}

// Named steps, each of which runs the next one from within `blocks` blocks.
std::vector<std::string> errors_of_chain(int length, int blocks) {
  std::string text = "steps:\n";
  for (int i = 0; i < length; ++i) {
    std::string step = "run: s" + std::to_string(i + 1);
    for (int b = 0; b < blocks; ++b) step = "{if: true, then: [" + step + "]}";
    text += "  s" + std::to_string(i) + ": [" + step + "]\n";
  }
  return parse_scenario({{"f.yaml", text + "  s" + std::to_string(length) + ": []\n"}}).errors;
}

TEST(ScenarioParseControl, CountsBlocksAsLevels) {
  EXPECT_THAT(errors_of_chain(8, 3), IsEmpty());
  EXPECT_THAT(errors_of_chain(32, 0), IsEmpty());
  EXPECT_EQ(errors_of_chain(33, 0).size(), 1U);
  EXPECT_EQ(errors_of_chain(9, 3).size(), 1U);
}

TEST(ScenarioParseControl, TakesRetryOnlyWithinAfter) {
  EXPECT_THAT(errors_of(R"(- retry: 1
- get: /
  after:
    - if: status == 503
      then: [retry: 3]
    - get: /in
      after: [retry: 1]
    - retry: many
- retry: 2
)"),
              ElementsAre("f.yaml:5:18: 'retry' belongs in an 'after': it sends that request "
                          "again",
                          "f.yaml:12:22: 'retry' must be a whole number, 0 or more",
                          "f.yaml:13:18: 'retry' belongs in an 'after': it sends that request "
                          "again"));
}

TEST(ScenarioParseControl, ReportsWhatIsWrongWithAfterRecordAndTransaction) {
  EXPECT_THAT(errors_of(R"(- get: /
  after: {get: /}
  record: "false"
- transaction: t
- transaction: [a]
  do: []
- get: /
  after: []
  record: no
)"),
              ElementsAre("f.yaml:6:18: 'after' must be a list of steps: start each with '- '",
                          "f.yaml:7:19: 'record' must be true or false",
                          "f.yaml:8:11: 'transaction' needs 'do'",
                          "f.yaml:9:24: 'transaction' must be a text, not a list",
                          "f.yaml:13:19: 'record' must be true or false"));
}

TEST(ScenarioParseControl, FollowsRunThroughAfter) {
  const auto errors = parse_scenario({{"f.yaml", R"(steps:
  login: [post: /login]
  a:
    - get: /
      after: [run: a]
users:
  U:
    after:
      - if: status == 401
        then: [run: login, retry: 1]
    tasks:
      t: [run: login, run: nothing]
)"}}).errors;
  EXPECT_THAT(errors, ElementsAre("f.yaml:5:15: 'run: a' leads back to itself",
                                  "f.yaml:12:23: 'run: nothing': there are no steps of this name"))
      << "the class's 'after' does not run for the requests of login within it";
}

}  // namespace
}  // namespace locust
