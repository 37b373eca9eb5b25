// What POST /user may change of a user class.
#pragma once

#include <optional>
#include <string>

#include "master/cluster/master.h"
#include "proto/message.h"

namespace locust::master {

// Why an update of a class that there is cannot be carried out, for the client that asked for it;
// nullopt if it can. It names a task that the class does not have, and an attribute that it has no
// place for. A class of a YAML scenario has host, weight, fixed_count and tasks; one of Python takes any attribute, as in stock
// (env.py update_user_class). Without a test file the workers decide. The host of a class of a YAML
// scenario must be a URL.
std::optional<std::string> class_update_problem(const proto::UpdateUserClass& update,
                                                const Master& master);

}  // namespace locust::master
