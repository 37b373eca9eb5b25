// A pool of users whose classes are Python's, on a simulated loop with an engine that sends nothing.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "common/python/stats_module.h"
#include "tests/fakes/fake_http_engine.h"
#include "tests/fakes/simulated_loop.h"
#include "worker/python/embedded_python.h"
#include "worker/python/loop_state.h"

namespace locust::worker {

// One test per process: there is one interpreter.
class PythonFixture : public ::testing::Test {
 protected:
  void TearDown() override {
    end_loop();
    std::filesystem::remove(file_);
  }

  // As PythonProgram does where the users' thread ends.
  void end_loop() {
    if (!state_) return;
    state_->hub.abandon_all();
    pool_.reset();
    python::show_stats(nullptr, nullptr);
    state_.reset();
  }

  // Loads `source` as a locustfile, whose user classes the pool then has.
  void load(const std::string& source) {
    file_ = std::filesystem::temp_directory_path() /
            ("locust_python_test_" + std::to_string(::getpid()) + ".py");
    std::ofstream(file_) << "from locust import *\nimport time\nlines = []\n" << source;
    ::unsetenv("VIRTUAL_ENV");
    ASSERT_EQ(EmbeddedPython::load({"", {"locust-worker"}}, {file_.string()}), std::nullopt);
    python::take_arguments({}, std::nullopt);
    ASSERT_EQ(program_.begin("me", control_), std::nullopt);
    state_.emplace(
        loop_,
        [this](std::function<void()> fn) { loop_.call_after(Duration::zero(), std::move(fn)); },
        engine_);
    UserEvents events;
    events.exception = [this](const User&, const std::string& message, const std::string& trace) {
      exceptions_.push_back(message);
      traceback_ = trace;
    };
    events.hook_failed = [this](const User&, std::string_view hook, const std::string& message,
                                const std::string&) {
      failed_hooks_.push_back(std::string(hook) + ": " + message);
    };
    pool_.emplace(loop_, engine_, program_.user_classes(), std::move(events), 1);
    state_->pool = &*pool_;
    python::show_stats(&pool_->stats(), &loop_.clock());
  }

  void start(std::int64_t users, Duration stop_timeout = {}, const std::string& name = "U") {
    pool_->set_target({.user_classes_count = {{name, users}}, .stop_timeout = stop_timeout}, {});
    loop_.advance({});
  }

  // What the locustfile has put into its list `lines`.
  std::vector<std::string> lines() const {
    const python::Ref module(PyImport_ImportModule(file_.stem().c_str()));
    const python::Ref list(PyObject_GetAttrString(module.get(), "lines"));
    std::vector<std::string> texts;
    for (Py_ssize_t i = 0; i < PyList_Size(list.get()); ++i) {
      texts.push_back(python::text_of(PyList_GetItem(list.get(), i)));
    }
    return texts;
  }

  fakes::SimulatedLoop loop_;
  fakes::FakeHttpEngine engine_{loop_};
  EmbeddedPython program_;
  std::optional<LoopState> state_;
  std::optional<UserPool> pool_;
  std::vector<std::string> exceptions_;
  std::string traceback_;
  std::vector<std::string> failed_hooks_;
  int stop_tests_ = 0;
  int exits_ = 0;
  Duration stop_timeout_{};

 private:
  class Control final : public WorkerControl {
   public:
    explicit Control(PythonFixture& fixture) : fixture_(fixture) {}
    void stop_test(std::string /*reason*/) override { ++fixture_.stop_tests_; }
    void exit() override { ++fixture_.exits_; }
    void send_message(const std::string& /*type*/, proto::Value /*data*/) override {}
    void register_message(const std::string& /*type*/) override {}
    void set_stop_timeout(Duration timeout) override { fixture_.stop_timeout_ = timeout; }

   private:
    PythonFixture& fixture_;
  };

  Control control_{*this};
  std::filesystem::path file_;
};

}  // namespace locust::worker
