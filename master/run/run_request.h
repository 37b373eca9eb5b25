// RunRequest: a request to start a test, or to change the running one.
#pragma once

#include <optional>

#include "master/cluster/master.h"
#include "master/web/swarm_form.h"

namespace locust::master {

enum class Requester {
  kCommandLine,  // --headless or --autostart, once enough workers are ready
  kForm,         // the page, or a script that uses its API
  kKey,          // of the terminal
  kTestCode,     // environment.runner.start() of a locustfile
};

struct RunRequest {
  Requester by;
  // Fields that are left out keep their values. Keys and test code set only users, a spawn rate and
  // classes.
  web::SwarmForm form = {};
  // Set by test code: the form's classes are its choice, where none means all.
  bool chooses_classes = false;
};

// The keys w and W add 1 and 10 users, s and S remove as many (main.py input_listener). nullopt for
// other keys, or while users are being spawned, which is logged.
std::optional<RunRequest> request_of_key(const Master& master, char key);

}  // namespace locust::master
