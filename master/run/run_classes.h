// Checks of a test's user classes before it starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "master/cluster/user_classes.h"

namespace locust::master {

// Sorted names of the classes that a test has.
std::vector<std::string> names_of_classes(const UserClassCatalog& catalog);

// Why no test can start with the classes that the master knows; nullopt if one can.
std::optional<std::string> missing_classes(const UserClassCatalog& catalog);

// Logs, as stock does, if the fixed counts of the classes exceed the users that a test starts with.
void note_fixed_counts(const UserClassCatalog& catalog, std::int64_t users);

}  // namespace locust::master
