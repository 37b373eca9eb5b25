#include "worker/user/fiber.h"

#include <gtest/gtest.h>

#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "worker/user/sanitizers.h"

namespace locust::worker {
namespace {

TEST(Fiber, RunsToItsFirstParkAndGoesOnFromThere) {
  FiberStacks stacks;
  std::string log;
  Fiber* self = nullptr;
  Fiber fiber(stacks, [&] {
    log += 'a';
    self->park();
    log += 'b';
  });
  self = &fiber;
  EXPECT_EQ(log, "");
  fiber.resume();
  EXPECT_EQ(log, "a");
  EXPECT_FALSE(fiber.done());
  fiber.resume();
  EXPECT_EQ(log, "ab");
  EXPECT_TRUE(fiber.done());
}

// Frames of some depth whose exception starts beyond a switch.
__attribute__((noinline)) int park_deep_and_throw(Fiber& fiber, int depth) {
  char frame[128];
  std::memset(frame, depth, sizeof frame);
  if (depth == 0) {
    fiber.park();
    throw std::runtime_error("deep");
  }
  return park_deep_and_throw(fiber, depth - 1) + frame[3];
}

TEST(Fiber, KeepsItsExceptionsApartFromThoseOfOthers) {
  constexpr int kFibers = 50;
  constexpr int kRounds = 20;
  FiberStacks stacks;
  std::vector<std::unique_ptr<Fiber>> fibers;
  int caught = 0;
  for (int i = 0; i < kFibers; ++i) {
    fibers.push_back(std::make_unique<Fiber>(stacks, [&, i] {
      Fiber& self = *fibers[static_cast<std::size_t>(i)];
      for (int round = 0; round < kRounds; ++round) {
        const std::string mine = std::to_string(i) + "/" + std::to_string(round);
        try {
          park_deep_and_throw(self, 20);
        } catch (const std::exception&) {
          try {
            throw std::runtime_error(mine);
          } catch (const std::exception& e) {
            self.park();  // with two exceptions in flight, while others throw theirs
            if (e.what() == mine) ++caught;
          }
        }
        EXPECT_EQ(std::current_exception(), nullptr);
      }
    }));
  }
  for (bool any = true; any;) {
    any = false;
    for (const auto& fiber : fibers) {
      if (fiber->done()) continue;
      fiber->resume();
      any = true;
      EXPECT_EQ(std::current_exception(), nullptr);
    }
  }
  EXPECT_EQ(caught, kFibers * kRounds);
}

TEST(Fiber, MayParkWhileItsStackIsUnwound) {
  struct ParksAtEnd {
    Fiber& fiber;
    std::string& log;
    ~ParksAtEnd() {
      fiber.park();
      log += std::to_string(std::uncaught_exceptions());
    }
  };
  FiberStacks stacks;
  std::string log;
  Fiber* self = nullptr;
  Fiber fiber(stacks, [&] {
    try {
      ParksAtEnd guard{*self, log};
      throw 7;
    } catch (int i) {
      log += " caught " + std::to_string(i);
    }
  });
  self = &fiber;
  fiber.resume();
  EXPECT_EQ(std::uncaught_exceptions(), 0);
  fiber.resume();
  EXPECT_EQ(log, "1 caught 7");
  EXPECT_TRUE(fiber.done());
}

TEST(Fiber, IsUnwoundByUserKilledWhenDestroyedWhileParked) {
  FiberStacks stacks;
  std::vector<std::string> log;
  Fiber* self = nullptr;
  {
    Fiber fiber(stacks, [&] {
      const auto on_heap = std::make_shared<std::string>("not leaked");
      try {
        self->park();
      } catch (const UserKilled&) {
        log.emplace_back("killed");
        try {
          self->park();  // what waits on the way out is cut off as well
        } catch (const UserKilled&) {
          log.emplace_back("killed again");
        }
        throw;
      }
      log.emplace_back("not reached");
    });
    self = &fiber;
    fiber.resume();
    EXPECT_TRUE(log.empty());
  }
  EXPECT_EQ(log, (std::vector<std::string>{"killed", "killed again"}));
}

TEST(Fiber, CanBeDestroyedBeforeItBegan) {
  FiberStacks stacks;
  bool ran = false;
  {
    Fiber fiber(stacks, [&] { ran = true; });
  }
  EXPECT_FALSE(ran);
}

TEST(Fiber, IsCheapToMakeManyTimesOnTheSameStack) {
  FiberStacks stacks;
  int finished = 0;
  for (int i = 0; i < 1000; ++i) {
    Fiber* self = nullptr;
    Fiber fiber(stacks, [&] {
      char frame[4096];
      std::memset(frame, i, sizeof frame);
      self->park();
      finished += frame[5] == static_cast<char>(i) ? 1 : 0;
    });
    self = &fiber;
    fiber.resume();
    fiber.resume();
  }
  EXPECT_EQ(finished, 1000);
  EXPECT_EQ(stacks.created(), 64U);
}

TEST(FiberStacks, GivesTheLastFreedStackFirst) {
  FiberStacks stacks;
  const FiberStack a = stacks.take();
  const FiberStack b = stacks.take();
  EXPECT_NE(a.bottom, b.bottom);
  stacks.give_back(a);
  stacks.give_back(b);
  EXPECT_EQ(stacks.take().bottom, b.bottom);
  EXPECT_EQ(stacks.take().bottom, a.bottom);
}

TEST(FiberStacks, GivesDisjointStacksOfTheAskedSizeWithAndWithoutGuards) {
  constexpr std::size_t kSize = std::size_t{16} << 10;
  FiberStacks stacks(kSize, 64);
  std::vector<FiberStack> taken;
  for (int i = 0; i < 200; ++i) taken.push_back(stacks.take());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    EXPECT_GE(taken[i].size, kSize);
    std::memset(taken[i].bottom, static_cast<int>(i), taken[i].size);
  }
  int guarded = 0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    EXPECT_EQ(std::to_integer<std::size_t>(*taken[i].bottom), i);
    EXPECT_EQ(std::to_integer<std::size_t>(*(taken[i].top() - 1)), i);
    guarded += taken[i].guarded ? 1 : 0;
  }
  EXPECT_GE(guarded, 64);
  EXPECT_LT(guarded, 70);
}

__attribute__((noinline)) int overflow(int depth) {
  volatile char frame[1024];
  for (int i = 0; i < 1024; i += 64) frame[i] = static_cast<char>(depth + 1);
  return depth == 0 ? frame[64] : overflow(depth - 1) + frame[128];
}

TEST(FiberStacksDeathTest, AnOverflowOfAnUnguardedStackEndsTheProgram) {
  if (kSanitized) GTEST_SKIP() << "frames have other sizes under a sanitizer";
  FiberStacks stacks(std::size_t{16} << 10, 0);
  stacks.take();
  EXPECT_DEATH(
      {
        Fiber* self = nullptr;
        std::vector<FiberStack> above;
        for (int i = 0; i < 60; ++i) above.push_back(stacks.take());
        Fiber fiber(stacks, [&] {
          overflow(18);
          self->park();
        });
        self = &fiber;
        fiber.resume();
      },
      "");
}

TEST(FiberStacksDeathTest, AnOverflowOfAGuardedStackEndsTheProgram) {
  if (kSanitized) GTEST_SKIP() << "frames have other sizes under a sanitizer";
  FiberStacks stacks(std::size_t{16} << 10, 64);
  EXPECT_DEATH(
      {
        Fiber fiber(stacks, [&] { overflow(20); });
        fiber.resume();
      },
      "");
}

}  // namespace
}  // namespace locust::worker
