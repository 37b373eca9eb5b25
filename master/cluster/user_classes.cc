#include "master/cluster/user_classes.h"

#include <algorithm>
#include <iterator>

namespace locust::master {

UserClassCatalog::UserClassCatalog(const Scenario* scenario, std::vector<UserConfig> configs,
                                   std::vector<std::string> selected)
    : from_scenario_(scenario != nullptr),
      configs_(std::move(configs)),
      selected_(selected.begin(), selected.end()) {
  if (scenario == nullptr) return;
  for (const UserClassSpec& spec : scenario->users) {
    places_.emplace(spec.name, entries_.size());
    entries_.push_back(
        {.user_class = {spec.name, spec.weight, spec.fixed_count}, .weight_known = true});
    configure(entries_.back());
  }
}

bool UserClassCatalog::learn(std::string_view name, std::optional<double> weight,
                             std::optional<int> fixed_count) {
  Entry* entry = find(name);
  const bool is_new = entry == nullptr;
  if (is_new) {
    if (from_scenario_ || entries_.size() == kMaxClasses) return false;
    entry = &*entries_.insert(place_by_name(name),
                              {.user_class = {std::string(name), 1, 0}, .weight_known = false});
    configure(*entry);
  }
  if (!entry->weight_known && (weight || fixed_count)) {
    entry->user_class.weight = weight.value_or(1);
    entry->user_class.fixed_count = fixed_count.value_or(0);
    entry->weight_known = true;
    configure(*entry);
  }
  return is_new && is_selected(entry->user_class.name);
}

void UserClassCatalog::configure(Entry& entry) const {
  for (const UserConfig& config : configs_) {
    if (config.user_class_name == entry.user_class.name) apply(config, entry);
  }
}

void UserClassCatalog::apply(const UserConfig& config, Entry& entry) {
  if (config.weight) entry.user_class.weight = *config.weight;
  if (config.fixed_count) entry.user_class.fixed_count = *config.fixed_count;
  entry.weight_known = true;
}

UserClassCatalog::Entry* UserClassCatalog::find(std::string_view name) {
  if (from_scenario_) {
    const auto it = places_.find(name);
    return it == places_.end() ? nullptr : &entries_[it->second];
  }
  const auto it = place_by_name(name);
  return it == entries_.end() || it->user_class.name != name ? nullptr : &*it;
}

std::vector<UserClassCatalog::Entry>::iterator UserClassCatalog::place_by_name(
    std::string_view name) {
  return std::lower_bound(
      entries_.begin(), entries_.end(), name,
      [](const Entry& entry, std::string_view n) { return entry.user_class.name < n; });
}

const UserClassCatalog::Entry* UserClassCatalog::find(std::string_view name) const {
  return const_cast<UserClassCatalog*>(this)->find(name);  // NOLINT: find() changes nothing
}

bool UserClassCatalog::is_selected(const std::string& name) const {
  return selected_.empty() || selected_.contains(name);
}

void UserClassCatalog::select(const std::vector<std::string>& names) {
  selected_ = {names.begin(), names.end()};
}

bool UserClassCatalog::describe(const std::vector<DispatchClass>& classes) {
  bool changed = false;
  std::set<std::string_view> named;
  const auto take = [&changed](DispatchClass& known, double weight, int fixed_count) {
    changed |= known.weight != weight || known.fixed_count != fixed_count;
    known.weight = weight;
    known.fixed_count = fixed_count;
  };
  for (const DispatchClass& described : classes) {
    named.insert(described.name);
    if (Entry* entry = find(described.name)) {
      take(entry->user_class, described.weight, described.fixed_count);
    } else if (entries_.size() < kMaxClasses) {
      places_.emplace(described.name, entries_.size());
      entries_.push_back({.user_class = described, .weight_known = true});
      changed = true;
    }
  }
  for (Entry& entry : entries_) {
    if (!named.contains(entry.user_class.name)) take(entry.user_class, 0, 0);
  }
  return changed;
}

bool UserClassCatalog::configure(const UserConfig& config) {
  Entry* entry = find(config.user_class_name);
  if (entry == nullptr) return false;
  apply(config, *entry);
  return true;
}

std::vector<UserClassCatalog::KnownClass> UserClassCatalog::known() const {
  std::vector<KnownClass> result;
  for (const Entry& entry : entries_) {
    const DispatchClass& user_class = entry.user_class;
    result.push_back({user_class, is_selected(user_class.name) &&
                                      (user_class.weight > 0 || user_class.fixed_count > 0)});
  }
  return result;
}

std::vector<std::string> UserClassCatalog::unknown_selected() const {
  std::vector<std::string> unknown;
  std::copy_if(selected_.begin(), selected_.end(), std::back_inserter(unknown),
               [this](const std::string& name) { return find(name) == nullptr; });
  return unknown;
}

std::vector<std::string> UserClassCatalog::unknown_configured() const {
  std::set<std::string> unknown;
  for (const UserConfig& config : configs_) {
    if (find(config.user_class_name) == nullptr) unknown.insert(config.user_class_name);
  }
  return {unknown.begin(), unknown.end()};
}

std::vector<DispatchClass> UserClassCatalog::classes() const {
  std::vector<DispatchClass> result;
  for (const Entry& entry : entries_) {
    if (!is_selected(entry.user_class.name)) continue;
    if (entry.user_class.weight <= 0 && entry.user_class.fixed_count == 0) continue;
    result.push_back(entry.user_class);
    if (equal_weights_) result.back().weight = 1;
  }
  return result;
}

std::vector<std::string> UserClassCatalog::assumed_weights() const {
  std::vector<std::string> names;
  if (equal_weights_) return names;
  for (const Entry& entry : entries_) {
    if (!entry.weight_known && is_selected(entry.user_class.name))
      names.push_back(entry.user_class.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace locust::master
