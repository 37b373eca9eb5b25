#include "master/cluster/limit_warnings.h"

#include "common/base/log.h"

namespace locust::master {

void LimitWarnings::reached(std::string_view what, std::size_t limit,
                            std::string_view consequence) {
  if (told_.contains(what)) return;
  told_.emplace(what);
  log::runners().warn("Workers report more than {} {}: {}", limit, what, consequence);
}

}  // namespace locust::master
