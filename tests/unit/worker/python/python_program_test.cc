// A locustfile as what a worker runs.
#include <gmock/gmock.h>

#include "tests/unit/worker/python/python_fixture.h"

// Not in the limited API, with which the tests are compiled as the sources are.
extern "C" int PyGILState_Check();

namespace locust::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PythonProgramTest : public PythonFixture {};

TEST_F(PythonProgramTest, SaysWhatMastersAreSentOfItsClasses) {
  load(R"(
class Shop(User):
    weight = 3
    host = "http://shop"
    @task(3)
    def browse(self): pass
    @task
    def buy(self): pass
class Admin(User):
    fixed_count = 1
    @task
    def look(self): pass
)");
  const std::vector<proto::ClassInfo> infos = program_.class_infos();
  ASSERT_THAT(infos, SizeIs(2));
  EXPECT_EQ(infos[0].name, "Shop");
  EXPECT_EQ(infos[0].weight, 3);
  EXPECT_EQ(infos[0].host, "http://shop");
  ASSERT_THAT(infos[0].tasks, SizeIs(2));
  EXPECT_EQ(infos[0].tasks[0].name, "browse");
  EXPECT_EQ(infos[0].tasks[0].ratio, 0.75);
  EXPECT_EQ(infos[1].fixed_count, 1);
  EXPECT_FALSE(infos[1].host);
}

TEST_F(PythonProgramTest, TheMainThreadKeepsPython) {
  load("class U(User):\n    @task\n    def t(self): pass\n");
  EXPECT_EQ(PyGILState_Check(), 1);
  program_.disconnect();
  EXPECT_EQ(PyGILState_Check(), 1);
}

// The texts of msgpack, which stock sends messages with.
TEST_F(PythonProgramTest, NamesTheTypeThatAMessageCannotHave) {
  load(R"(
import array, collections, datetime, decimal, re, uuid
class Own: pass
class Broken(list):
    def __iter__(self): raise ValueError
class U(User):
    wait_time = constant(1000)
    @task
    def t(self):
        for value in ({1}, 1j, datetime.date(2000, 1, 1), decimal.Decimal(1), re.compile(""),
                      array.array("i"), collections.deque(), uuid.uuid4(), [Own()], Own, Broken()):
            try:
                self.environment.runner.send_message("m", value)
            except TypeError as e:
                lines.append(str(e).removeprefix("can not serialize '").removesuffix("' object"))
)");
  start(1);
  EXPECT_THAT(lines(),
              ElementsAre("set", "complex", "datetime.date", "decimal.Decimal", "re.Pattern",
                          "array.array", "collections.deque", "UUID", "Own", "type", "Broken"));
}

TEST_F(PythonProgramTest, AsksNothingOfAWorkerThatIsGone) {
  load(R"(
class U(User):
    def on_start(self):
        self.environment.runner.send_message("late", 1)
        lines.append("sent")
        import sys
        sys.exit(3)
    @task
    def t(self): pass
)");
  program_.disconnect();
  start(1);
  EXPECT_THAT(lines(), SizeIs(1));
  EXPECT_EQ(exits_, 0);
  EXPECT_THAT(failed_hooks_, IsEmpty());
}

}  // namespace
}  // namespace locust::worker
