// RunRequest: what somebody asks of a run: to start a test, or to change the one that runs.
#pragma once

#include <optional>

#include "master/cluster/master.h"
#include "master/web/swarm_form.h"

namespace locust::master {

enum class Requester {
  kCommandLine,  // --headless or --autostart, once enough workers are there
  kForm,         // the page, or a script that uses its API
  kKey,          // of the terminal
  kTestCode,     // environment.runner.start() of a locustfile
};

struct RunRequest {
  Requester by;
  // What is left out stays as it is. Keys and test code ask for users, a spawn rate and classes only.
  web::SwarmForm form = {};
  // Of test code: the classes of the form are its choice; none of them means all.
  bool chooses_classes = false;
};

// w and W ask for 1 and 10 users more, s and S for as many less (main.py input_listener). nullopt if
// it is no such key, or users are being spawned, which is logged.
std::optional<RunRequest> request_of_key(const Master& master, char key);

}  // namespace locust::master
