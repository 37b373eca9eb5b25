#include "worker/control/native_extension.h"

#include <gmock/gmock.h>

namespace locust::worker {
namespace {

using ::testing::IsEmpty;

class NativeExtensionTest : public ::testing::Test {
 protected:
  void ack(bool extended) {
    proto::Ack message{.index = 0, .extended = extended, .extra = {}};
    if (extended) message.secret = "s";
    extension_.on_ack(message);
  }

  const std::string digest_ = std::string(kFileDigestBytes, 'x');
  NativeExtension extension_{
      {{.name = "Shop", .weight = 1, .fixed_count = 0, .host = {}, .tasks = {}}},
      {{"shop.yaml", digest_}}};
};

TEST_F(NativeExtensionTest, EachAckBringsTheClassesIntoOneReport) {
  EXPECT_FALSE(extension_.take(0));
  for (int i = 0; i < 2; ++i) {
    ack(false);
    const auto extension = extension_.take(5);
    ASSERT_TRUE(extension);
    EXPECT_EQ(extension->user_classes.size(), 1U);
    EXPECT_THAT(extension->files, IsEmpty());
    EXPECT_FALSE(extension->tasks) << "and nothing else for a stock master";
    EXPECT_FALSE(extension_.take(5));
  }
}

TEST_F(NativeExtensionTest, ANativeMasterGetsTheFilesAndCountsTasks) {
  ack(true);
  auto extension = extension_.take(0);
  ASSERT_TRUE(extension);
  EXPECT_EQ(extension->files.size(), 1U);
  EXPECT_EQ(extension->tasks, 0);
  EXPECT_FALSE(extension_.take(0));
  extension = extension_.take(7);
  ASSERT_TRUE(extension);
  EXPECT_THAT(extension->user_classes, IsEmpty());
  EXPECT_EQ(extension->tasks, 7);
}

TEST_F(NativeExtensionTest, OneOfATestAsksForItsEndOnce) {
  ack(true);
  (void)extension_.take(0);
  EXPECT_TRUE(extension_.ask_to_stop_test());
  EXPECT_FALSE(extension_.ask_to_stop_test());
  const auto extension = extension_.take(0);
  ASSERT_TRUE(extension);
  EXPECT_TRUE(extension->stop_test);
  EXPECT_FALSE(extension->tasks) << "none have started";
  EXPECT_FALSE(extension_.take(0));
  extension_.begin_test();
  EXPECT_TRUE(extension_.ask_to_stop_test());
}

TEST_F(NativeExtensionTest, TheEndIsSentOnceAndOnlyWhatIsUnusual) {
  ack(true);
  (void)extension_.take(0);
  extension_.set_end({.exit_code = 3, .asked_for = true, .uncaught = false});
  const auto extension = extension_.take(0);
  ASSERT_TRUE(extension);
  EXPECT_EQ(extension->exit_code, 3);
  EXPECT_FALSE(extension->uncaught);
  EXPECT_FALSE(extension_.take(0));
}

TEST_F(NativeExtensionTest, HeartbeatsOfAStockMasterCarryNothing) {
  ack(false);
  EXPECT_FALSE(extension_.heartbeat({}, std::nullopt));
  ack(true);
  const auto heartbeat = extension_.heartbeat({}, "f.py:3");
  ASSERT_TRUE(heartbeat);
  EXPECT_EQ(heartbeat->loop_lag_ms, 0);
  EXPECT_EQ(heartbeat->unfinished, "f.py:3");
  EXPECT_EQ(heartbeat->secret, "s");
  EXPECT_FALSE(extension_.heartbeat({}, std::nullopt)->unfinished);
}

}  // namespace
}  // namespace locust::worker
