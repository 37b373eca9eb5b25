// Runs one user of a scenario task by task, against scripted answers.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/scenario/scenario_parse.h"
#include "tests/fakes/fake_http_engine.h"
#include "tests/fakes/fake_user_context.h"
#include "worker/scenario/scenario_program.h"

namespace locust::worker {

inline std::optional<std::string> test_environment(const std::string& name) {
  if (name == "API_KEY") return "k1";
  return std::nullopt;
}

// Runs one user of the class `U` of a scenario, task by task.
class ScenarioRun : public ::testing::Test {
 protected:
  // `steps` is the task `t` of the class `U`, each line beginning in column 1; `more` is the rest of
  // the class, `top` stands before `users`.
  void load(const std::string& steps, const std::string& more = "", const std::string& top = "") {
    load_text(top + "users:\n  U:\n    host: http://shop\n" + indented(more, 4) +
              "    tasks:\n      t:\n" + indented(steps, 8));
  }

  // The whole file; its first class and of that the first task.
  void load_text(const std::string& text) {
    ParsedScenario parsed = parse_scenario({{"f.yaml", text}});
    ASSERT_THAT(parsed.errors, ::testing::IsEmpty()) << text;
    CompiledScenario compiled = compile_scenario(std::move(parsed.scenario), test_environment);
    ASSERT_THAT(compiled.errors, ::testing::IsEmpty());
    program_ = std::move(compiled.program);
    user_class_ = program_->user_classes().at(0);
    user_ = user_class_.create({.context = context_,
                                .engine = engine_,
                                .stats = stats_,
                                .rng = rng_,
                                .events = events_,
                                .class_name = user_class_.name,
                                .host = user_class_.host,
                                .user_id = 7});
  }

  // Runs the task; "" or the exception it ended with.
  std::string run_task() {
    TaskSet set(*user_, user_->tasks());
    try {
      user_->tasks()[0].run(set);
    } catch (const TaskError& e) {
      traceback_ = e.traceback();
      return e.what();
    }
    return "";
  }

  std::string run(const std::string& steps, const std::string& more = "",
                  const std::string& top = "") {
    load(steps, more, top);
    return run_task();
  }

  void answer(int status, std::string body = "") {
    context_.responses.push_back(fakes::FakeUserContext::response(status, std::move(body)));
  }

  const HttpRequest& request(std::size_t i = 0) { return context_.requests.at(i); }

  std::string header(const HttpRequest& request, std::string_view name) {
    for (const HttpHeader& h : request.headers) {
      if (h.name == name) return h.value;
    }
    return "-";
  }

  // "METHOD name: failure" of each failure.
  std::vector<std::string> failures() {
    std::vector<std::string> lines;
    for (const auto& [key, error] : stats_.errors()) {
      lines.push_back(error.method + " " + error.name + ": " + error.error);
    }
    return lines;
  }

  std::vector<std::string> rows() {
    std::vector<std::string> lines;
    for (const StatsEntry& entry : stats_.entries())
      lines.push_back(entry.method.value_or("") + " " + entry.name);
    return lines;
  }

  static std::string indented(const std::string& text, std::size_t columns) {
    std::string out;
    std::size_t begin = 0;
    while (begin < text.size()) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      out += std::string(columns, ' ') + text.substr(begin, end - begin) + "\n";
      begin = end + 1;
    }
    return out;
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
  std::string traceback_;
};

}  // namespace locust::worker
