#include "worker/scenario/scenario_tasks.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "worker/scenario/run.h"

namespace locust::worker {
namespace {

// A task set that a user has entered. Base chooses the next task.
template <typename Base>
class ScenarioTaskSet final : public Base {
 public:
  ScenarioTaskSet(ScenarioUser& user, const TaskPlan& plan, const TaskList& tasks)
      : Base(user, tasks), user_(user), plan_(plan) {}

  void on_start() override { user_.run_hook(plan_.path + ".on_start", plan_.on_start); }
  void on_stop() override { user_.run_hook(plan_.path + ".on_stop", plan_.on_stop); }
  Duration wait_time(const WaitInput& in) override {
    const auto& own = plan_.spec->wait_time;
    return own ? user_.wait_time(*own, in) : Base::wait_time(in);
  }

 private:
  ScenarioUser& user_;
  const TaskPlan& plan_;
};

// Runs each task once, in the order of the list, then throws End.
template <typename End>
class EachTaskOnce : public TaskSet {
 public:
  using TaskSet::TaskSet;
  const Task& get_next_task() override {
    while (next_ < tasks().size() && !tasks().keeps(next_)) ++next_;
    if (next_ == tasks().size()) throw End{};
    return tasks()[next_++];
  }

 private:
  std::size_t next_ = 0;
};

bool share(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::find_first_of(a.begin(), a.end(), b.begin(), b.end()) != a.end();
}

}  // namespace

std::unique_ptr<TaskSet> ScenarioUser::make_task_set() {
  if (runs_each_task_once()) return std::make_unique<EachTaskOnce<StopUser>>(*this, tasks());
  if (plan_.spec->sequence) return std::make_unique<SequentialTaskSet>(*this, tasks());
  return User::make_task_set();
}

std::unique_ptr<TaskSet> ScenarioUser::make_task_set(const TaskPlan& set, const TaskList& tasks) {
  if (runs_each_task_once()) {
    using Once = EachTaskOnce<InterruptTaskSet>;
    return std::make_unique<ScenarioTaskSet<Once>>(*this, set, tasks);
  }
  if (set.spec->sequence) {
    return std::make_unique<ScenarioTaskSet<SequentialTaskSet>>(*this, set, tasks);
  }
  return std::make_unique<ScenarioTaskSet<TaskSet>>(*this, set, tasks);
}

ScenarioTasks::ScenarioTasks(std::string name, const std::list<TaskPlan>& plans)
    : name_(std::move(name)), plans_(plans) {
  std::vector<Task> tasks;
  for (const TaskPlan& plan : plans) {
    Task& task = tasks.emplace_back();
    task.name = plan.spec->name;
    task.weight = plan.spec->weight;
    auto& set = sets_.emplace_back();
    if (!plan.spec->is_set()) {
      task.run = [&plan](TaskSet& in) {
        static_cast<ScenarioUser&>(in.user()).run_task(plan.path, plan.steps);
      };
      continue;
    }
    set = std::make_unique<ScenarioTasks>(plan.spec->name, plan.tasks);
    task.nested = [&plan, list = &set->list_](User& user) {
      return static_cast<ScenarioUser&>(user).make_task_set(plan, *list);
    };
  }
  list_ = TaskList(std::move(tasks));
}

void ScenarioTasks::add_equals(const std::list<TaskPlan>& plans,
                               const std::vector<std::string>& tags, std::vector<Equal>& equals) {
  for (const TaskPlan& plan : plans) {
    std::vector<std::string> all = tags;
    all.insert(all.end(), plan.spec->tags.begin(), plan.spec->tags.end());
    if (plan.spec->is_set()) {
      add_equals(plan.tasks, all, equals);
    } else {
      equals.push_back({&plan, std::move(all)});
    }
  }
}

void ScenarioTasks::assign_equal_weights() {
  equals_.clear();
  add_equals(plans_, {}, equals_);
  std::vector<Task> tasks;
  for (const Equal& equal : equals_) {
    Task& task = tasks.emplace_back();
    task.name = equal.plan->spec->name;
    task.run = [&plan = *equal.plan](TaskSet& in) {
      try {
        static_cast<ScenarioUser&>(in.user()).run_task(plan.path, plan.steps);
      } catch (const InterruptTaskSet&) {  // there is no set to leave
      }
    };
  }
  list_ = TaskList(std::move(tasks));
}

void ScenarioTasks::keep_equals(const TagFilter& filter, const std::vector<std::string>* chosen) {
  auto equal = equals_.begin();
  list_.keep_only([&](const Task& task) {
    const std::vector<std::string>& tags = (equal++)->tags;
    if (chosen != nullptr) {
      return std::find(chosen->begin(), chosen->end(), task.name) != chosen->end();
    }
    return (filter.tags.empty() || share(tags, filter.tags)) && !share(tags, filter.exclude_tags);
  });
}

void ScenarioTasks::keep_only(const TagFilter& filter, const std::vector<std::string>* chosen) {
  if (!equals_.empty()) return keep_equals(filter, chosen);
  keep_only(filter, {.wanted = filter.tags.empty(), .excluded = false}, chosen);
}

void ScenarioTasks::keep_only(const TagFilter& filter, Inherited inherited,
                              const std::vector<std::string>* chosen) {
  auto plan = plans_.begin();
  auto set = sets_.begin();
  list_.keep_only([&](const Task& task) {
    const std::vector<std::string>& tags = (plan++)->spec->tags;
    const std::unique_ptr<ScenarioTasks>& tasks = *set++;
    const Inherited here{.wanted = inherited.wanted || share(tags, filter.tags),
                         .excluded = inherited.excluded || share(tags, filter.exclude_tags)};
    if (tasks) {
      tasks->keep_only(filter, here, nullptr);
      if (tasks->list_.empty()) return false;
    }
    if (chosen != nullptr)
      return std::find(chosen->begin(), chosen->end(), task.name) != chosen->end();
    return tasks || (here.wanted && !here.excluded);
  });
}

void ScenarioTasks::warn_of_empty() const {
  for (const auto& set : sets_) {
    if (set && equals_.empty()) set->warn_of_empty();
  }
  if (!list_.empty()) return;
  log::main().warn("{} had no tasks left after filtering, instantiating it will fail!", name_);
}

}  // namespace locust::worker
