// What POST /user may change of a user class.
#pragma once

#include <optional>
#include <string>

#include "master/cluster/master.h"
#include "proto/message.h"

namespace locust::master {

// Why an update of a known class is invalid, for the client that asked for it; nullopt if it is
// valid. Invalid are tasks that the class does not have and attributes that it cannot have. A class
// of a YAML scenario has host, weight, fixed_count and tasks, and its host must be a URL. One of
// Python takes any attribute, as in stock (env.py update_user_class). Without a test file the
// workers decide.
std::optional<std::string> class_update_problem(const proto::UpdateUserClass& update,
                                                const Master& master);

}  // namespace locust::master
