// Downloads a file that -f names by its URL.
#pragma once

#include <cstddef>
#include <string>

#include "common/base/result.h"

namespace locust {

// The body of an http or https URL, after redirects and with status 200: at most `max_bytes`, in at
// most a minute. Blocks, so use it only at the start of a program. Errors name the URL.
Result<std::string> fetch_url(const std::string& url, std::size_t max_bytes);

}  // namespace locust
