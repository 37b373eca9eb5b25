#include <gmock/gmock.h>

#include "common/python/exit_request.h"
#include "tests/unit/worker/python/python_fixture.h"

// Null in builds without LeakSanitizer.
extern "C" [[gnu::weak]] void __lsan_disable();  // NOLINT: LSan's name

namespace locust::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PythonUserTest : public PythonFixture {
 protected:
  // Users that sleep in a task, wait between tasks, and say what they do.
  void load_sleeper() {
    load(R"(
class U(User):
    wait_time = constant(10)
    def on_start(self):
        lines.append("on_start")
    @task
    def t(self):
        lines.append("task")
        time.sleep(2)
        lines.append("slept")
    def on_stop(self):
        lines.append("on_stop " + self._state)
)");
  }
};

TEST_F(PythonUserTest, SleepsAndWaitsOnTheLoop) {
  load_sleeper();
  start(2);
  EXPECT_THAT(lines(), ElementsAre("on_start", "task", "on_start", "task"));
  loop_.advance(2s);
  EXPECT_THAT(lines(), SizeIs(6));
  loop_.advance(9s);
  EXPECT_THAT(lines(), SizeIs(6));
  loop_.advance(1s);
  EXPECT_THAT(lines(), SizeIs(8));
}

TEST_F(PythonUserTest, StoppedWhileItWaitsEndsAtOnce) {
  load_sleeper();
  start(1, 30s);
  loop_.advance(3s);
  start(0, 30s);
  EXPECT_THAT(lines(), ElementsAre("on_start", "task", "slept", "on_stop stopped"));
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(PythonUserTest, StoppedInATaskFinishesIt) {
  load_sleeper();
  start(1, 30s);
  start(0, 30s);
  EXPECT_THAT(lines(), ElementsAre("on_start", "task"));
  EXPECT_EQ(pool_->user_count(), 1);
  loop_.advance(2s);
  EXPECT_THAT(lines(), ElementsAre("on_start", "task", "slept", "on_stop stopped"));
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(PythonUserTest, StoppedWithoutTimeIsKilledInItsTask) {
  load_sleeper();
  start(1);
  start(0);
  EXPECT_THAT(lines(), ElementsAre("on_start", "task", "on_stop stopped"));
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(PythonUserTest, KilledAfterTheStopTimeout) {
  load_sleeper();
  start(1, 1s);
  start(0, 1s);
  loop_.advance(1s);
  EXPECT_THAT(lines(), ElementsAre("on_start", "task", "on_stop stopped"));
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(PythonUserTest, StopUserEndsItAfterOnStop) {
  load(R"(
from locust.exception import StopUser
class U(User):
    @task
    def t(self):
        raise StopUser()
    def on_stop(self):
        lines.append("on_stop")
)");
  start(3);
  loop_.advance(1s);
  EXPECT_THAT(lines(), ElementsAre("on_stop", "on_stop", "on_stop"));
  EXPECT_EQ(pool_->user_count(), 0);
  EXPECT_THAT(failed_hooks_, IsEmpty());
}

TEST_F(PythonUserTest, AnOnStopThatLastsIsCutOff) {
  load(R"(
class U(User):
    @task
    def t(self):
        time.sleep(100)
    def on_stop(self):
        time.sleep(100)
        lines.append("never")
)");
  start(1);
  start(0);
  EXPECT_EQ(pool_->user_count(), 1);
  loop_.advance(UserPool::kOnStopGrace);
  EXPECT_EQ(pool_->user_count(), 0);
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(PythonUserTest, OneThatWillNotEndIsLeftBehind) {
  if (__lsan_disable != nullptr) __lsan_disable();
  load(R"(
class U(User):
    @task
    def t(self):
        while True:
            try:
                time.sleep(1)
            except BaseException:
                pass
)");
  start(1);
  start(0);
  loop_.advance(UserPool::kOnStopGrace + 1s);
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(PythonUserTest, ReportsWhatATaskRaisesWithTheFramesOfTheFile) {
  load(R"(
class U(User):
    wait_time = constant(1)
    @task
    def t(self):
        raise ValueError("oops")
)");
  start(1);
  EXPECT_THAT(exceptions_, ElementsAre("oops"));
  EXPECT_THAT(traceback_, HasSubstr("in t\n    raise ValueError(\"oops\")\n"));
  EXPECT_THAT(traceback_, Not(HasSubstr("<locust-cpp>")));
  loop_.advance(1s);
  EXPECT_THAT(exceptions_, SizeIs(2));
  EXPECT_EQ(pool_->user_count(), 1);
}

TEST_F(PythonUserTest, AnErrorInOnStartEndsTheUser) {
  load(R"(
class U(User):
    def on_start(self):
        raise KeyError("k")
    @task
    def t(self):
        lines.append("never")
    def on_stop(self):
        lines.append("never")
)");
  start(1);
  EXPECT_THAT(failed_hooks_, ElementsAre("run: 'k'"));
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(PythonUserTest, WithoutAHostAsksForTheEndOfTheTest) {
  load(R"(
class U(HttpUser):
    @task
    def t(self):
        lines.append("never")
)");
  start(1);
  EXPECT_EQ(stop_tests_, 1);
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(PythonUserTest, BeginsNoMoreTasksThanTheMasterAllows) {
  load(R"(
class U(User):
    @task
    def t(self):
        lines.append("task")
)");
  pool_->limit_tasks(5);
  start(2);
  loop_.advance(1s);
  EXPECT_THAT(lines(), SizeIs(5));
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(PythonUserTest, GreenletsOfItsOwnWaitBesideIt) {
  load(R"(
import gevent
from gevent.queue import Queue
class U(User):
    wait_time = constant(100)
    @task
    def t(self):
        queue = Queue()
        def work(n):
            gevent.sleep(n)
            queue.put(n)
        for n in (3, 1, 2):
            gevent.spawn(work, n)
        lines.extend([queue.get() for _ in range(3)])
        try:
            with gevent.Timeout(5):
                time.sleep(50)
        except gevent.Timeout as timeout:
            lines.append(str(timeout))
)");
  start(1);
  loop_.advance(3s);
  EXPECT_THAT(lines(), ElementsAre("1", "2", "3"));
  loop_.advance(5s);
  EXPECT_THAT(lines(), ElementsAre("1", "2", "3", "5 seconds"));
}

TEST_F(PythonUserTest, WhatAGreenletRaisesIsPrintedAsGeventDoes) {
  load(R"(
import gevent
class U(User):
    wait_time = constant(100)
    @task
    def t(self):
        def work():
            raise ValueError("oops")
        gevent.spawn(work)
        gevent.sleep(1)
        lines.append("went on")
)");
  ::testing::internal::CaptureStderr();
  start(1);
  loop_.advance(1s);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("in work\n    raise ValueError(\"oops\")\nValueError: oops\n"));
  EXPECT_THAT(lines(), ElementsAre("went on"));
}

TEST_F(PythonUserTest, AWaitThatATimeoutEndsIsOver) {
  load(R"(
import gevent
class U(User):
    wait_time = constant(100)
    @task
    def t(self):
        try:
            with gevent.Timeout(1):
                self.wait()
        except gevent.Timeout:
            lines.append(self._state)
        time.sleep(5)
        lines.append("finished")
)");
  start(1, 30s);
  loop_.advance(2s);
  start(0, 30s);
  loop_.advance(10s);
  EXPECT_THAT(lines(), ElementsAre("running", "finished"));
}

TEST_F(PythonUserTest, ATimeoutComesBeforeALaterSleepOfTheSameLength) {
  load(R"(
import gevent
class U(User):
    wait_time = constant(1000)
    @task
    def t(self):
        with gevent.Timeout(1, False):
            time.sleep(1)
            lines.append("slept")
        lines.append("over")
)");
  start(1);
  loop_.advance(1s);
  EXPECT_THAT(lines(), ElementsAre("over"));
}

TEST_F(PythonUserTest, AnotherGreenletCanStopIt) {
  load(R"(
import gevent
class U(User):
    wait_time = constant(100)
    def on_start(self):
        gevent.spawn_later(1, self.stop)
    @task
    def t(self):
        lines.append("task")
    def on_stop(self):
        lines.append("on_stop")
)");
  start(1);
  loop_.advance(2s);
  EXPECT_THAT(lines(), ElementsAre("task", "on_stop"));
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(PythonUserTest, LocalsGoWithTheirGreenlet) {
  load(R"(
import gevent
from gevent.local import local
class U(User):
    wait_time = constant(100)
    @task
    def t(self):
        data = local()
        def work(n):
            data.n = n
            gevent.sleep(1)
            lines.append(data.n)
        gevent.joinall([gevent.spawn(work, n) for n in range(2)])
        gevent.sleep(1)
        lines.append(len(object.__getattribute__(data, "_places")))
)");
  start(1);
  loop_.advance(3s);
  EXPECT_THAT(lines(), ElementsAre("0", "1", "0"));
}

TEST_F(PythonUserTest, AWakeUpOfAKilledGreenletGoesToTheNext) {
  load(R"(
import gevent
from gevent.lock import Semaphore
class U(User):
    wait_time = constant(100)
    @task
    def t(self):
        semaphore = Semaphore(1)
        def work(n):
            with semaphore:
                lines.append(n)
                gevent.sleep(1)
        greenlets = [gevent.spawn(work, n) for n in range(3)]
        gevent.sleep(0.1)
        gevent.killall(greenlets[:2])
        gevent.joinall(greenlets)
        lines.append(semaphore.counter)
)");
  start(1);
  loop_.advance(5s);
  EXPECT_THAT(lines(), ElementsAre("0", "2", "1"));
}

TEST_F(PythonUserTest, ThreadsLeaveTheRunningUserAlone) {
  load(R"(
import gevent, threading
from gevent.queue import Queue
class U(User):
    wait_time = constant(100)
    @task
    def t(self):
        queue = Queue()
        def work():
            time.sleep(0)
            lines.append("slept")
            try:
                queue.get()
            except RuntimeError:
                lines.append("no greenlet")
            try:
                self.wait()
            except RuntimeError:
                lines.append("no user")
            gevent.spawn(queue.put, "spawned")
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        lines.append(queue.get())
        waiter = gevent.spawn(time.sleep, 1000)
        time.sleep(1)
        thread = threading.Thread(target=lambda: (queue.put("put"), waiter.kill()))
        gevent.spawn(thread.start)
        lines.append(queue.get())
        waiter.join()
        lines.append("killed")
)");
  start(1);
  loop_.advance(2s);
  EXPECT_THAT(lines(), ElementsAre("slept", "no greenlet", "no user", "spawned", "put", "killed"));
}

TEST_F(PythonUserTest, SysExitInATaskAsksForTheEndWithItsCodeAndNoTaskBeginsAnyMore) {
  load(R"(
import sys
class U(User):
    wait_time = constant(1)
    @task
    def t(self):
        lines.append("task")
        if len(lines) == 3:
            sys.exit(7)
)");
  start(2);
  EXPECT_FALSE(python::exit_requested());
  loop_.advance(1s);
  EXPECT_EQ(exits_, 1);
  EXPECT_EQ(python::requested_exit_code(), 7);
  loop_.advance(10s);
  EXPECT_THAT(lines(), SizeIs(3));
  EXPECT_EQ(pool_->user_count(), 0);
  EXPECT_THAT(exceptions_, IsEmpty());
  EXPECT_THAT(failed_hooks_, IsEmpty());
}

TEST_F(PythonUserTest, TheFirstExitCodeCounts) {
  load(R"(
import sys, gevent
class U(User):
    def on_start(self):
        gevent.spawn(sys.exit, 3)
        time.sleep(1)
    def on_stop(self):
        sys.exit(4)
    @task
    def t(self): pass
)");
  start(1);
  loop_.advance(500ms);
  EXPECT_EQ(python::requested_exit_code(), 3);
  start(0);
  EXPECT_EQ(python::requested_exit_code(), 3);
}

TEST_F(PythonUserTest, OrdersOfTheMasterAreTheRunnersTargets) {
  load(R"(
class U(User):
    wait_time = constant(1)
    def on_start(self):
        runner = self.environment.runner
        lines.append((runner.target_user_count, runner.target_user_classes_count))
    @task
    def t(self): pass
)");
  start(2);
  EXPECT_THAT(lines(), ElementsAre("(2, {'U': 2})", "(2, {'U': 2})"));
  pool_->set_users_of_test(50);
  start(3);
  EXPECT_THAT(lines().back(), "(50, {})");
}

}  // namespace
}  // namespace locust::worker
