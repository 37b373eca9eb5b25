// Of a build without the page (LOCUST_PAGE).
#include "master/web/assets.h"

namespace locust::master::web {

std::span<const Asset> embedded_assets() { return {}; }

}  // namespace locust::master::web
