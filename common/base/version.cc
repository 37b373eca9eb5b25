#include "common/base/version.h"

namespace locust {

const std::string_view kVersion = LOCUST_VERSION;

}  // namespace locust
