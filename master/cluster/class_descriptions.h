// ClassDescriptions: the host and the tasks of each user class, as far as they are known.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "proto/message.h"

namespace locust::master {

// Control thread. Its memory is bounded: what exceeds the bound is dropped.
class ClassDescriptions {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{8} << 20;  // of all classes

  // `of_test`: the classes of the test's own file. Reports of native workers replace them.
  explicit ClassDescriptions(std::vector<proto::ClassInfo> of_test);

  void describe(proto::ClassInfo info);
  const std::map<std::string, proto::ClassInfo, std::less<>>& described() const {
    return described_;
  }

  // Records that an update has reduced a class to these tasks.
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
