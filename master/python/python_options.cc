#include "master/python/python_options.h"

#include "common/python/locustfile.h"

namespace locust::master {

python::Ref options_object(const MasterOptions& options) {
  python::Ref dict(PyDict_New());
  python::set_option(dict, "master", true);
  python::set_option(dict, "worker", false);
  python::set_option(dict, "headless", options.headless);
  if (options.as_one_process) {
    python::set_option(dict, "processes", static_cast<std::int64_t>(options.expect_workers));
    python::set_option(dict, "as_one_process", true);
  }
  return python::Ref(PyTuple_Pack(2, python::to_dict(options.common.given).get(), dict.get()));
}

}  // namespace locust::master
