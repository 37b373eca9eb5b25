// The OpenAPI description of /api/v1 and of stock's endpoints.
#pragma once

#include <string>

namespace locust::master::web {

// JSON.
std::string openapi_json();

}  // namespace locust::master::web
