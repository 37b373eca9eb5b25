// ClassDescriptions: what is known of each user class beside its weight: its host and its tasks.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "proto/message.h"

namespace locust::master {

// Control thread. Bounded whatever workers report: what exceeds a bound is left out.
class ClassDescriptions {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{8} << 20;  // of all classes

  // `of_test`: what the test's own file says. What native workers report replaces it.
  explicit ClassDescriptions(std::vector<proto::ClassInfo> of_test);

  void describe(proto::ClassInfo info);
  const std::map<std::string, proto::ClassInfo, std::less<>>& described() const {
    return described_;
  }

  // An update has left these tasks to a class.
  void choose_tasks(const std::string& user_class, const proto::Value& names);
  const std::map<std::string, std::vector<std::string>, std::less<>>& chosen_tasks() const {
    return chosen_tasks_;
  }

 private:
  std::map<std::string, proto::ClassInfo, std::less<>> described_;
  std::size_t bytes_ = 0;
  std::map<std::string, std::vector<std::string>, std::less<>> chosen_tasks_;
};

}  // namespace locust::master
