// The module _locust_master: the functions behind the runner of locust/runners.py on a master.
#pragma once

namespace locust::master {

class PythonMaster;

// Call it before start_interpreter(). `master` must exist as long as the interpreter runs code.
void add_master_module(PythonMaster& master);

}  // namespace locust::master
