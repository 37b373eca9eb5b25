// bench_dispatch USERS RATE CLASSES: times UsersDispatcher on the worker ids it reads from standard
// input, and prints what it measured and dispatched as JSON. tests/bench/dispatch.py runs it beside
// stock's dispatcher; stock's side is dispatch_stock.py, which measures the same in the same order.
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "master/cluster/dispatcher.h"

namespace locust {
namespace {

using Json = nlohmann::json;
using master::UsersDispatcher;

constexpr int kInstantiations = 9;

template <typename Function>
double time_ms(Function&& function) {
  const SystemClock clock;
  const TimePoint began = clock.now();
  function();
  return to_ms(clock.now() - began);
}

std::vector<master::DispatchWorker> read_workers() {
  std::vector<master::DispatchWorker> workers;
  for (std::string id; std::getline(std::cin, id);) workers.push_back({id});
  return workers;
}

// Weights 1 to `count`.
std::vector<master::DispatchClass> make_classes(int count) {
  std::vector<master::DispatchClass> classes;
  for (int weight = 1; weight <= count; ++weight) {
    classes.push_back({"User" + std::to_string(weight), static_cast<double>(weight)});
  }
  return classes;
}

Json users_of(const UsersDispatcher& dispatcher) {
  Json users = Json::object();
  for (std::size_t row = 0; row < dispatcher.worker_count(); ++row) {
    Json& counts = users[dispatcher.worker_id(row)] = Json::array();
    for (const int count : dispatcher.counts(row)) counts.push_back(count);
  }
  return users;
}

Json measure(int users, double rate, int class_count) {
  const std::vector<master::DispatchWorker> workers = read_workers();
  const std::vector<master::DispatchClass> classes = make_classes(class_count);
  Json instantiate_ms = Json::array();
  std::optional<UsersDispatcher> dispatcher;
  for (int i = 0; i < kInstantiations; ++i) {
    // The ids exist before, as stock's worker nodes do.
    std::vector<master::DispatchWorker> given_workers = workers;
    std::vector<master::DispatchClass> given_classes = classes;
    dispatcher.reset();
    instantiate_ms.push_back(
        time_ms([&] { dispatcher.emplace(std::move(given_workers), std::move(given_classes)); }));
  }
  dispatcher->new_dispatch(users, rate);
  Json iteration_ms = Json::array();
  for (bool more = true; more;) {
    const double duration_ms = time_ms([&] { more = dispatcher->next(); });
    if (more) iteration_ms.push_back(duration_ms);
  }
  const double redistribution_ms = time_ms([&] {
    dispatcher->add_worker("joined_0");
    dispatcher->new_dispatch(users, rate);
    dispatcher->next();
  });
  return {{"instantiate_ms", instantiate_ms},
          {"iteration_ms", iteration_ms},
          {"redistribution_ms", redistribution_ms},
          {"users", users_of(*dispatcher)}};
}

}  // namespace
}  // namespace locust

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: bench_dispatch USERS RATE CLASSES < worker ids\n";
    return 2;
  }
  std::cout << locust::measure(std::atoi(argv[1]), std::atof(argv[2]), std::atoi(argv[3])) << "\n";
}
