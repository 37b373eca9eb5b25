// The module _locust_master: what the runner of locust/runners.py does on a master.
#pragma once

namespace locust::master {

class PythonMaster;

// `master` must outlive the interpreter's use. Before start_interpreter().
void add_master_module(PythonMaster& master);

}  // namespace locust::master
