// UserClassCatalog: the user classes of a test and their weights, from all sources: the scenario
// file, the workers' reports, --config-users and the classes on the command line.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/options/config_users.h"
#include "common/scenario/scenario.h"
#include "master/cluster/dispatcher.h"

namespace locust::master {

// Control thread. With a scenario the test has the scenario's classes; without one, every class
// that a worker reports.
class UserClassCatalog {
 public:
  // `selected`: the positional arguments; empty selects all.
  UserClassCatalog(const Scenario* scenario, std::vector<UserConfig> configs,
                   std::vector<std::string> selected);

  // --equal-weights: from now on each class has weight 1, whatever the sources say.
  void assign_equal_weights() { equal_weights_ = true; }

  // The maximum number of classes that are learned from workers.
  static constexpr std::size_t kMaxClasses = 10'000;

  // A worker has loaded this class. Native workers send `weight` and `fixed_count`, stock workers
  // do not. Returns whether this added a class to the test.
  bool learn(std::string_view name, std::optional<double> weight, std::optional<int> fixed_count);

  // From now on tests consist only of these classes, or of all if there are none.
  void select(const std::vector<std::string>& names);
  // The classes of the test's own file are now these: others get no users. Returns whether anything
  // has changed. Call it with a scenario only.
  bool describe(const std::vector<DispatchClass>& classes);
  // Changes one class like an entry of --config-users. Returns false if the class is unknown.
  bool configure(const UserConfig& config);

  // Names selected or configured that no source knows, sorted.
  std::vector<std::string> unknown_selected() const;
  std::vector<std::string> unknown_configured() const;

  // The classes of the test, in the scenario's order or else sorted by name; those of weight 0 and
  // no fixed count are left out, as at load time in stock.
  std::vector<DispatchClass> classes() const;
  // All known classes in the same order, and whether each is selected and has users.
  struct KnownClass {
    DispatchClass user_class;
    bool in_test;
  };
  std::vector<KnownClass> known() const;
  // Those among them whose weight is unknown and assumed to be 1. Sorted.
  std::vector<std::string> assumed_weights() const;

 private:
  struct Entry {
    DispatchClass user_class;
    bool weight_known = false;
  };

  Entry* find(std::string_view name);
  const Entry* find(std::string_view name) const;
  std::vector<Entry>::iterator place_by_name(std::string_view name);  // where it is or belongs
  void configure(Entry& entry) const;
  static void apply(const UserConfig& config, Entry& entry);
  bool is_selected(const std::string& name) const;

  bool from_scenario_;
  bool equal_weights_ = false;
  std::vector<UserConfig> configs_;
  std::set<std::string> selected_;
  std::vector<Entry> entries_;                              // in file order, or else by name
  std::map<std::string, std::size_t, std::less<>> places_;  // in entries_; a scenario's only
};

}  // namespace locust::master
