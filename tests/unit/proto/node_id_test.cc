#include "proto/node_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/utf8.h"

namespace locust::proto {
namespace {

TEST(NodeId, IsTheHostNameAndThirtyTwoHexDigits) {
  EXPECT_EQ(make_node_id("web-1", 0x0123456789abcdef, 0xfedcba98),
            "web-1_0123456789abcdef00000000fedcba98");
}

TEST(NodeId, DiffersEachTime) {
  EXPECT_THAT(make_node_id("h"), testing::MatchesRegex("h_[0-9a-f]{32}"));
  EXPECT_NE(make_node_id("h"), make_node_id("h"));
}

TEST(NodeId, IsALegalIdentityWhateverTheHostIsCalled) {
  EXPECT_EQ(make_node_id("", 0, 1).substr(0, 10), "localhost_");
  EXPECT_EQ(make_node_id("caf\xe9", 0, 1).substr(0, 7), "caf\ufffd_");
  EXPECT_EQ(make_node_id(std::string_view("\0h", 2), 0, 1).substr(0, 2), "h_");
  for (std::size_t n = 218; n < 224; ++n) {
    const std::string id = make_node_id(std::string(n, 'x') + "ééé" + std::string(300, 'x'), 0, 1);
    EXPECT_LE(id.size(), 255U);
    EXPECT_GE(id.size(), 254U);
    EXPECT_TRUE(is_valid_utf8(id));
  }
}

}  // namespace
}  // namespace locust::proto
