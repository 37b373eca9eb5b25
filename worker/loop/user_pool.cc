#include "worker/loop/user_pool.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "common/base/log.h"
#include "common/base/number.h"
#include "worker/user/fiber_context.h"

namespace locust::worker {

// A user and its carrier. Destroyed in reverse order: the carrier unwinds the stack while the user
// still exists.
struct UserPool::Member {
  Member(UserPool& pool, std::size_t index_of_class, std::uint64_t user_id)
      : id(user_id),
        class_index(index_of_class),
        carrier(pool.make_carrier(index_of_class, [this, &pool] { pool.end(*this); })) {}

  std::uint64_t id;
  std::size_t class_index;
  std::optional<std::size_t> active_index;  // in ClassState::active; none: asked to stop
  std::optional<TimePoint> deadline;        // set when asked to stop
  bool killed = false;
  std::unique_ptr<User> user;
  std::unique_ptr<UserCarrier> carrier;
};

UserPool::UserPool(Scheduler& scheduler, HttpEngine& engine, std::vector<UserClass> classes,
                   UserEvents events, std::uint64_t seed)
    : scheduler_(scheduler),
      engine_(engine),
      classes_(std::move(classes)),
      events_(std::move(events)),
      stats_(scheduler.clock().wall_time(), StatsRole::kWorker),
      rng_(seed),
      states_(classes_.size()),
      deadlines_(scheduler, [this] { schedule_turn(); }) {}

UserPool::~UserPool() { scheduler_.cancel(turn_timer_); }

void UserPool::set_target(Target target, TargetReached reached) {
  clear_order(target.stop_timeout);
  target_ = target.user_classes_count;
  const std::map<std::string_view, std::int64_t> counts(target_.begin(), target_.end());
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    if (!target.host.empty()) classes_[i].host = target.host;
    const auto wanted = counts.find(classes_[i].name);
    if (wanted == counts.end()) continue;

    ClassState& state = states_[i];
    const std::int64_t count = std::max<std::int64_t>(0, wanted->second);
    const auto active = static_cast<std::int64_t>(state.active.size());
    state.to_start = std::max<std::int64_t>(0, count - state.present);
    state.to_replace = std::max<std::int64_t>(0, count - active - state.to_start);
    for (std::int64_t k = active; k > count; --k) {
      to_stop_.push_back(state.active[static_cast<std::size_t>(k - 1)]->id);
    }
  }
  reached_ = std::move(reached);
  schedule_turn();
}

void UserPool::stop_all(Duration stop_timeout, std::function<void()> stopped) {
  clear_order(stop_timeout);
  for (const auto& [id, member] : users_) to_stop_.push_back(id);
  stopped_.push_back(std::move(stopped));
  schedule_turn();
}

void UserPool::set_host(const std::string& class_name, std::string host) {
  for (UserClass& user_class : classes_) {
    if (user_class.name == class_name) user_class.host = host;
  }
}

UserCounts UserPool::user_classes_count() const {
  UserCounts counts;
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    counts.emplace_back(classes_[i].name, states_[i].present);
  }
  return counts;
}

// A newer order replaces the rest of the older one. Users already asked to stop keep their
// deadlines.
void UserPool::clear_order(Duration stop_timeout) {
  for (ClassState& state : states_) state.to_start = state.to_replace = 0;
  to_stop_.clear();
  reached_ = nullptr;
  stop_timeout_ = stop_timeout;
  overdue_logged_ = false;
}

void UserPool::schedule_turn() {
  if (turn_timer_ == 0) turn_timer_ = scheduler_.call_after(Duration::zero(), [this] { turn(); });
}

void UserPool::turn() {
  turn_timer_ = 0;
  const Clock& clock = scheduler_.clock();
  const TimePoint end_of_turn = clock.now() + kTurnLength;
  for (int i = 0; i < kUsersPerTurn && clock.now() < end_of_turn; ++i) {
    if (!do_one()) {
      deadlines_.arm();
      finish_order();
      return;
    }
  }
  schedule_turn();
}

// Does the next piece of work; returns false if there is none. Overdue users are cut off first.
// Ended users are next because their stacks are warm. Users start before others stop because
// stopping can take the stop timeout (WorkerRunner.start_worker).
bool UserPool::do_one() {
  if (const auto overdue = deadlines_.overdue()) {
    cut_one(*users_.at(*overdue));
    return true;
  }
  if (!ended_.empty()) {
    ended_.pop_back();
    return true;
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (allowance_.used_up()) states_[i].to_start = 0;
    if (states_[i].to_start == 0) continue;
    --states_[i].to_start;
    start_one(i);
    return true;
  }
  if (to_stop_.empty()) return false;
  const auto found = users_.find(to_stop_.front());
  to_stop_.pop_front();
  if (found != users_.end()) stop_one(*found->second);
  return true;
}

std::unique_ptr<UserCarrier> UserPool::make_carrier(std::size_t class_index,
                                                    std::function<void()> ended) {
  if (const MakeCarrier& make = classes_[class_index].carrier) return make(std::move(ended));
  return std::make_unique<FiberContext>(scheduler_, engine_, stacks_, std::move(ended));
}

void UserPool::start_one(std::size_t class_index) {
  const UserClass& user_class = classes_[class_index];
  ClassState& state = states_[class_index];
  const std::uint64_t id = next_user_id_++;
  auto owned = std::make_unique<Member>(*this, class_index, id);
  Member& member = *owned;
  member.user = user_class.create({.context = member.carrier->context(),
                                   .engine = engine_,
                                   .stats = stats_,
                                   .rng = rng_,
                                   .events = events_,
                                   .class_name = user_class.name,
                                   .host = user_class.host,
                                   .user_id = id,
                                   .allowance = &allowance_});
  users_.emplace(id, std::move(owned));
  ++state.present;
  member.active_index = state.active.size();
  state.active.push_back(&member);
  member.carrier->start([&user = *member.user] { user.run(); });
  if (member.carrier->done()) end(member);
}

// Runner.stop_users for one user. With a stop timeout, a user that sleeps between tasks ends here
// and a user in a task ends after it. Without one, the user ends here, with kOnStopGrace for
// on_stop.
void UserPool::stop_one(Member& member) {
  if (member.active_index) leave_active(member);
  const TimePoint now = scheduler_.clock().now();
  const bool at_once = stop_timeout_ <= Duration::zero();
  set_deadline(member, now + (at_once ? kOnStopGrace : stop_timeout_));
  const bool in_on_stop = member.user->state() == UserState::kInOnStop;
  if (at_once ? !in_on_stop && !member.killed : member.user->stop()) kill(member);
}

void UserPool::leave_active(Member& member) {
  std::vector<Member*>& active = states_[member.class_index].active;
  active[*member.active_index] = active.back();
  active[*member.active_index]->active_index = member.active_index;
  active.pop_back();
  member.active_index.reset();
}

// Ends a user whose deadline has passed.
void UserPool::cut_one(Member& member) {
  if (!std::exchange(overdue_logged_, true) && stop_timeout_ > Duration::zero()) {
    log::runners().info(
        "Not all users finished their tasks & terminated in {} seconds. Stopping them...",
        Number(to_seconds(stop_timeout_)).repr());
  }
  deadlines_.remove(*member.deadline, member.id);
  member.deadline.reset();
  if (!member.killed && member.user->state() != UserState::kInOnStop) {
    set_deadline(member, scheduler_.clock().now() + kOnStopGrace);
    kill(member);
    return;
  }
  cancelled_requests_ += static_cast<std::uint64_t>(member.carrier->abandon());
  end(member);
}

void UserPool::kill(Member& member) {
  member.killed = true;
  cancelled_requests_ += static_cast<std::uint64_t>(member.carrier->kill());
  if (member.carrier->done()) end(member);
}

// The user is gone for all counts. It may still be on the call stack, so it is destroyed later.
void UserPool::end(Member& member) {
  ClassState& state = states_[member.class_index];
  --state.present;
  if (member.deadline) deadlines_.remove(*member.deadline, member.id);
  if (member.active_index) {
    leave_active(member);
  } else if (state.to_replace > 0) {
    --state.to_replace;
    ++state.to_start;
  }
  const auto found = users_.find(member.id);
  ended_.push_back(std::move(found->second));
  users_.erase(found);
  schedule_turn();
}

// A user that is asked to stop twice keeps the earlier deadline.
void UserPool::set_deadline(Member& member, TimePoint deadline) {
  if (member.deadline) {
    if (*member.deadline <= deadline) return;
    deadlines_.remove(*member.deadline, member.id);
  }
  member.deadline = deadline;
  deadlines_.add(deadline, member.id);
}

// Called when there is no work left. Reports the end of the order unless it waits for users.
void UserPool::finish_order() {
  const bool waits_for_stops =
      std::any_of(states_.begin(), states_.end(), [](const ClassState& state) {
        return state.present > static_cast<std::int64_t>(state.active.size());
      });
  if (waits_for_stops) return;
  if (cancelled_requests_ > 0) {
    log::runners().info("{} requests in flight were cancelled",
                        std::exchange(cancelled_requests_, 0));
  }
  if (reached_) std::exchange(reached_, nullptr)(user_classes_count());
  for (const auto& stopped : std::exchange(stopped_, {})) stopped();
}

}  // namespace locust::worker
