#include "master/cluster/class_descriptions.h"

#include <utility>

#include "master/cluster/user_classes.h"
#include "proto/texts.h"

namespace locust::master {
namespace {

std::size_t size_of(const std::vector<TaskRatio>& tasks) {
  std::size_t bytes = 0;
  for (const TaskRatio& task : tasks) {
    bytes += sizeof task + task.name.size() + size_of(task.tasks);
  }
  return bytes;
}

std::size_t size_of(const proto::ClassInfo& info) {
  return sizeof info + info.name.size() + info.host.value_or("").size() + size_of(info.tasks);
}

}  // namespace

ClassDescriptions::ClassDescriptions(std::vector<proto::ClassInfo> of_test) {
  for (proto::ClassInfo& info : of_test) describe(std::move(info));
}

void ClassDescriptions::describe(proto::ClassInfo info) {
  const auto known = described_.find(info.name);
  const bool is_known = known != described_.end();
  const std::size_t bytes = bytes_ + size_of(info) - (is_known ? size_of(known->second) : 0);
  if (bytes > kMaxBytes) return;
  if (is_known) {
    known->second = std::move(info);
  } else if (described_.size() < UserClassCatalog::kMaxClasses) {
    std::string name = info.name;
    described_.emplace(std::move(name), std::move(info));
  } else {
    return;
  }
  bytes_ = bytes;
}

void ClassDescriptions::choose_tasks(const std::string& user_class, const proto::Value& names) {
  chosen_tasks_[user_class] = proto::texts_in(names);
}

}  // namespace locust::master
