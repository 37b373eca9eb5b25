#include "master/web/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/fakes/simulated_loop.h"

namespace locust::master::web {
namespace {

using ::testing::HasSubstr;

// Hashing takes its time on purpose, so once is enough.
const std::string& hash_of_secret() {
  static const std::string kHash = hash_password("secret");
  return kHash;
}

class AccessTest : public testing::Test {
 protected:
  static Request with_cookie(const std::string& token) {
    Request request;
    request.headers.emplace_back("cookie", "other=1; locust_session_8089=" + token);
    return request;
  }
  Access::Login log_in(std::string_view user, std::string_view password,
                       const std::string& peer = "10.0.0.1") {
    return access_.log_in(user, password, peer);
  }

  fakes::ManualClock clock_;
  Access access_{clock_, {{"ann", hash_of_secret()}}, 8089};
};

TEST_F(AccessTest, ALoginOpensASessionThatItsCookieFinds) {
  const Access::Login login = log_in("ann", "secret");
  ASSERT_EQ(login.outcome, Access::Outcome::kLoggedIn);
  const LoginSession* session = access_.find(with_cookie(login.token));
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(session->user, "ann");
  EXPECT_EQ(access_.find(with_cookie("guess")), nullptr);
  EXPECT_EQ(access_.find({}), nullptr);
  access_.log_out(with_cookie(login.token));
  EXPECT_EQ(access_.find(with_cookie(login.token)), nullptr);
}

TEST_F(AccessTest, WrongNamesAndPasswordsAreRefusedAlike) {
  EXPECT_EQ(log_in("ann", "wrong").outcome, Access::Outcome::kWrong);
  EXPECT_EQ(log_in("bob", "secret").outcome, Access::Outcome::kWrong);
  EXPECT_EQ(log_in("bob", "").outcome, Access::Outcome::kWrong);
}

TEST_F(AccessTest, ASessionEndsWhenItIsNotUsed) {
  const std::string token = log_in("ann", "secret").token;
  clock_.advance(Access::kSessionTime - std::chrono::seconds(1));
  EXPECT_NE(access_.find(with_cookie(token)), nullptr);
  clock_.advance(Access::kSessionTime - std::chrono::seconds(1));
  EXPECT_NE(access_.find(with_cookie(token)), nullptr);
  EXPECT_TRUE(access_.is_open(token));
  clock_.advance(Access::kSessionTime + std::chrono::seconds(1));
  EXPECT_FALSE(access_.is_open(token));
  EXPECT_EQ(access_.find(with_cookie(token)), nullptr);
}

TEST_F(AccessTest, WhoGuessesHasToWaitAndOthersDoNot) {
  for (int i = 0; i < Access::kMaxFailures; ++i) {
    EXPECT_EQ(log_in("ann", "guess").outcome, Access::Outcome::kWrong);
  }
  EXPECT_EQ(log_in("ann", "secret").outcome, Access::Outcome::kTooOften);
  EXPECT_EQ(log_in("ann", "secret", "10.0.0.2").outcome, Access::Outcome::kLoggedIn);
  clock_.advance(Access::kForgiveTime);
  EXPECT_EQ(log_in("ann", "secret").outcome, Access::Outcome::kLoggedIn);
}

TEST_F(AccessTest, AHostCountsOnceWhateverAddressOfItsNetworkItTakes) {
  for (int i = 0; i < Access::kMaxFailures; ++i) {
    EXPECT_EQ(log_in("ann", "guess", "2001:db8:0:1::" + std::to_string(i)).outcome,
              Access::Outcome::kWrong);
  }
  EXPECT_EQ(log_in("ann", "secret", "2001:db8:0:1:a::1").outcome, Access::Outcome::kTooOften);
  EXPECT_EQ(log_in("ann", "secret", "2001:db8:0:2::1").outcome, Access::Outcome::kLoggedIn);
}

TEST_F(AccessTest, WhoHasLoggedInBeforeIsNotLockedOutByOthers) {
  EXPECT_EQ(log_in("ann", "secret", "10.0.0.1").outcome, Access::Outcome::kLoggedIn);
  for (int i = 0; i < Access::kMaxFailuresOfAll; ++i) {
    EXPECT_EQ(log_in("ann", "guess", "10.0.1." + std::to_string(i)).outcome,
              Access::Outcome::kWrong);
  }
  EXPECT_EQ(log_in("ann", "secret", "10.0.0.2").outcome, Access::Outcome::kTooOften);
  EXPECT_EQ(log_in("ann", "secret", "10.0.0.1").outcome, Access::Outcome::kLoggedIn);
}

TEST_F(AccessTest, TheCookieOfAnotherPortIsAnothers) {
  const std::string token = log_in("ann", "secret").token;
  Request request;
  request.headers.emplace_back("cookie", "locust_session_8090=" + token);
  EXPECT_EQ(access_.find(request), nullptr);
}

TEST_F(AccessTest, ARequestProvesByItsTokenThatAPageOfOursMadeIt) {
  const std::string token = log_in("ann", "secret").token;
  const LoginSession& session = *access_.find(with_cookie(token));
  Request request = with_cookie(token);
  EXPECT_FALSE(Access::is_ours(session, request, {}));
  EXPECT_FALSE(Access::is_ours(session, request, {{"csrf", "guess"}}));
  EXPECT_TRUE(Access::is_ours(session, request, {{"csrf", session.csrf}}));
  request.headers.emplace_back("x-csrf-token", session.csrf);
  EXPECT_TRUE(Access::is_ours(session, request, {}));
}

TEST(Passwords, HashesHaveASaltAndMatchTheirPasswordOnly) {
  const std::string again = hash_password("secret");
  EXPECT_NE(again, hash_of_secret());
  EXPECT_TRUE(password_matches("secret", again));
  EXPECT_FALSE(password_matches("Secret", again));
  EXPECT_FALSE(password_matches("secret", "scrypt$00$00"));
  EXPECT_FALSE(password_matches("secret", ""));
}

class UsersFile : public testing::Test {
 protected:
  UsersFile() {
    std::string name = "/tmp/locust-users-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~UsersFile() override { std::filesystem::remove_all(folder_); }
  Result<Users> read(const std::string& text) {
    std::ofstream(folder_ + "/users") << text;
    return read_users(folder_ + "/users");
  }
  std::string folder_;
};

TEST_F(UsersFile, HasALineForEachUser) {
  const auto users = read("# people\n\nann:" + hash_of_secret() + "\r\nbob:" + hash_of_secret());
  ASSERT_TRUE(users) << users.error();
  EXPECT_EQ(users->size(), 2);
  EXPECT_EQ(users->at("ann"), hash_of_secret());
}

TEST_F(UsersFile, NamesTheLineThatIsWrong) {
  EXPECT_THAT(read("ann:secret\n").error(), HasSubstr("users:1: not NAME:HASH; locust-master"));
  EXPECT_THAT(read("\n:" + hash_of_secret()).error(), HasSubstr("users:2: "));
  EXPECT_THAT(read("# nobody\n").error(), HasSubstr("has no user"));
  EXPECT_THAT(read_users(folder_ + "/missing").error(), HasSubstr("--web-users: cannot read"));
}

}  // namespace
}  // namespace locust::master::web
