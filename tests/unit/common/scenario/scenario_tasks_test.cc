// Task sets, sequences and iterations, and what may be wrong with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/scenario/scenario_parse.h"

namespace locust {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ParsedScenario parse(const std::string& text) { return parse_scenario({{"f.yaml", text}}); }

std::vector<std::string> errors_of(const std::string& text) { return parse(text).errors; }

TEST(ScenarioTasks, ReadsTaskSetsAtAnyDepth) {
  const ParsedScenario parsed = parse(R"(users:
  Reader:
    sequence: true
    iterations: 10
    tasks:
      home: [get: /]
      forum:
        weight: 3
        tags: [forum]
        wait_time: constant_pacing(5)
        on_start: [get: /forum]
        tasks:
          read: [get: /forum/1]
          thread:
            sequence: true
            tasks:
              write: [post: /forum/1]
              leave: [interrupt: true]
        on_stop: [get: /, get: /bye]
)");
  ASSERT_THAT(parsed.errors, IsEmpty());
  const UserClassSpec& user = parsed.scenario.users[0];
  EXPECT_TRUE(user.sequence);
  EXPECT_EQ(user.iterations, 10);
  ASSERT_EQ(user.tasks.size(), 2U);
  EXPECT_FALSE(user.tasks[0].is_set());
  const TaskSpec& forum = user.tasks[1];
  ASSERT_TRUE(forum.is_set());
  EXPECT_EQ(forum.weight, 3);
  EXPECT_THAT(forum.tags, ElementsAre("forum"));
  EXPECT_EQ(forum.wait_time->source, "constant_pacing(5)");
  EXPECT_FALSE(forum.sequence);
  EXPECT_EQ(forum.on_start.size(), 1U);
  EXPECT_EQ(forum.on_stop.size(), 2U);
  ASSERT_EQ(forum.tasks.size(), 2U);
  const TaskSpec& thread = forum.tasks[1];
  EXPECT_TRUE(thread.sequence);
  EXPECT_FALSE(thread.wait_time);
  ASSERT_EQ(thread.tasks.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<InterruptStep>(thread.tasks[1].steps[0].action));
}

TEST(ScenarioTasks, ReportsTasksThatAreNeitherStepsNorASet) {
  EXPECT_THAT(
      errors_of(R"(users:
  U:
    iterations: 0
    sequence: 1
    tasks:
      a: {steps: [], tasks: {b: []}}
      c: {tasks: {}}
      d: {tasks: [e]}
      f: {weight: 2, on_start: []}
      g: {steps: [], wait_time: constant(1), on_start: [], on_stop: [], sequence: true}
      h: {tasks: {i: {weigth: 1, steps: [gett: /]}}}
  V: {iterations: many, tasks: {t: []}}
)"),
      ElementsAre("f.yaml:3:17: 'iterations' must be 1 or more",
                  "f.yaml:4:15: 'sequence' must be true or false",
                  "f.yaml:6:22: task 'a' has 'steps' already: a task has these or 'tasks'",
                  "f.yaml:7:7: task 'c' has no tasks", "f.yaml:8:7: task 'd' has no tasks",
                  "f.yaml:8:18: 'tasks' must be a mapping, not a list",
                  "f.yaml:9:7: task 'f' has no steps: it is a list of steps, or a mapping with "
                  "'steps', or with 'tasks' for a task set",
                  "f.yaml:10:22: 'wait_time' is for task sets, which have 'tasks' instead of "
                  "'steps'",
                  "f.yaml:10:46: 'on_start' is for task sets, which have 'tasks' instead of "
                  "'steps'",
                  "f.yaml:10:60: 'on_stop' is for task sets, which have 'tasks' instead of "
                  "'steps'",
                  "f.yaml:10:73: 'sequence' is for task sets, which have 'tasks' instead of "
                  "'steps'",
                  "f.yaml:11:23: unknown key 'weigth' in task 'i'; did you mean 'weight'?",
                  "f.yaml:11:42: unknown step 'gett'; did you mean 'get'?",
                  "f.yaml:12:19: 'iterations' must be a whole number, 0 or more"));
}

TEST(ScenarioTasks, CountRunsInARowInASequence) {
  EXPECT_THAT(errors_of(R"(users:
  U:
    tasks:
      a: {weight: 1.5, steps: []}
      b: {sequence: true, tasks: {c: {weight: 3, steps: []}, d: {weight: 1.5, steps: []}}}
)"),
              ElementsAre("f.yaml:5:62: in a 'sequence' the weight of task 'd' says how often it "
                          "runs in a row: a whole number"));
}

TEST(ScenarioTasks, AreRunFromTheStepsOfTheirSetAndOfTheSetsInIt) {
  EXPECT_THAT(errors_of(R"(users:
  U:
    on_start: [run: home]
    tasks:
      home: [get: /]
      forum:
        on_start: [run: read, run: home]
        tasks:
          read: [get: /1]
          thread:
            tasks:
              write: [run: read, run: home, run: write_it]
              write_it: [post: /1, interrupt: true]
)"),
              IsEmpty());
  EXPECT_THAT(errors_of(R"(steps:
  s: [run: read]
users:
  U:
    on_start: [run: read, run: forum]
    tasks:
      home: [run: red]
      forum: {tasks: {read: [run: raed]}}
)"),
              ElementsAre("f.yaml:2:7: 'run: read': there are no steps of this name",
                          "f.yaml:5:16: 'run: read': there are no steps of this name",
                          "f.yaml:5:27: 'run: forum': this is a task set, not steps; put what it "
                          "shares with others under the top-level 'steps'",
                          "f.yaml:7:14: 'run: red': there are no steps of this name",
                          "f.yaml:8:30: 'run: raed': there are no steps of this name; did you "
                          "mean 'read'?"));
}

TEST(ScenarioTasks, HideThoseOfTheSetsAroundTheirs) {
  EXPECT_THAT(errors_of(R"(users:
  U:
    tasks:
      read: [run: look]
      look: [get: /]
      forum: {tasks: {look: [run: read]}}
)"),
              IsEmpty())
      << "'look' of 'forum' runs the class's 'read', and that the class's 'look'";
}

TEST(ScenarioTasks, LeadNotInCircles) {
  EXPECT_THAT(errors_of("users: {U: {tasks: {s: {tasks: {a: [run: b], b: [run: a]}}}}}\n"),
              ElementsAre("f.yaml:1:50: 'run: a' leads back to itself"));
}

TEST(ScenarioTasks, AreInterruptedOnlyInASet) {
  const std::string no_set =
      "no task set is around it that it could leave; 'end_task: true' ends a task";
  EXPECT_THAT(
      errors_of(R"(steps:
  leave: [{if: status == 404, then: [run: really]}]
  really: [interrupt: true]
test_start: [run: really]
users:
  U:
    after: [{if: status == 500, then: [interrupt: true]}]
    on_start: [run: leave]
    tasks:
      t: [get: /, interrupt: true]
      set:
        on_start: [run: leave]
        tasks:
          t: [run: leave, {get: /, after: [interrupt: true]}]
          inner:
            tasks: {t: [interrupt: true]}
            on_stop: [run: really]
        on_stop: [{repeat: 2, do: [interrupt: true]}]
)"),
      ElementsAre("f.yaml:4:14: 'run: really' leads to the 'interrupt' at f.yaml:3:12: " + no_set,
                  "f.yaml:7:40: 'interrupt': " + no_set,
                  "f.yaml:8:16: 'run: leave' leads to the 'interrupt' at f.yaml:3:12: " + no_set,
                  "f.yaml:10:19: 'interrupt': " + no_set,
                  "f.yaml:17:23: 'run: really' leads to the 'interrupt' at f.yaml:3:12: in "
                  "'on_stop' the task set is being left already",
                  "f.yaml:18:36: 'interrupt': in 'on_stop' the task set is being left already"));
}

TEST(ScenarioTasks, TakesNothingButTrueForInterrupt) {
  EXPECT_THAT(errors_of("users: {U: {tasks: {s: {tasks: {a: [interrupt: yes]}}}}}\n"),
              ElementsAre("f.yaml:1:48: write 'interrupt: true'"));
}

TEST(ScenarioTasks, AreLevelsOfTheDepthOfSteps) {
  const auto errors_of_sets = [](int sets, int runs) {
    std::string text = "steps:\n";
    for (int i = 0; i < runs; ++i) {
      text += "  s" + std::to_string(i) + ": [run: s" + std::to_string(i + 1) + "]\n";
    }
    text += "  s" + std::to_string(runs) + ": []\nusers: {U: {tasks: ";
    std::string tasks = "{t: [run: s0]}";
    for (int i = 0; i < sets; ++i) tasks = "{set: {tasks: " + tasks + "}}";
    return errors_of(text + tasks + "}}\n");
  };
  EXPECT_THAT(errors_of_sets(20, 11), IsEmpty());
  EXPECT_THAT(errors_of_sets(20, 12), ElementsAre(HasSubstr("lead more than 32 levels deep")));
}

}  // namespace
}  // namespace locust
