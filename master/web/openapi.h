// The OpenAPI description of /api/v1 and of stock's endpoints.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "master/web/operation.h"

namespace locust::master::web {

// JSON.
std::string openapi_json(std::span<const Operation> operations, std::string_view session_cookie);

}  // namespace locust::master::web
