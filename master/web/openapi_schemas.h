// The schemas of the responses of /api/v1, which api_json.cc writes.
#pragma once

#include <string_view>

#include "master/web/json.h"

namespace locust::master::web {

// By name, for components/schemas.
Json api_schemas();

// {"$ref": …} to one of these schemas.
Json schema_ref(std::string_view name);

}  // namespace locust::master::web
