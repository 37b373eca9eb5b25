// The OpenAPI description of /api/v1 and of stock's endpoints.
#pragma once

#include <string>
#include <string_view>

namespace locust::master::web {

// JSON.
std::string openapi_json(std::string_view session_cookie);

}  // namespace locust::master::web
