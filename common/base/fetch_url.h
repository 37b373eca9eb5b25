// Downloading what -f names by a URL.
#pragma once

#include <cstddef>
#include <string>

#include "common/base/result.h"

namespace locust {

// The body that an http or https URL gives with status 200, after redirects: at most `max_bytes`, in
// at most a minute. Blocks meanwhile: for the begin of a program. Errors name the URL.
Result<std::string> fetch_url(const std::string& url, std::size_t max_bytes);

}  // namespace locust
