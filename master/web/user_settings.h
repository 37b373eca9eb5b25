// The body of stock's POST /user: attributes of one user class.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/base/result.h"
#include "proto/message.h"

namespace locust::master::web {

// The limit of the body, which is sent to every worker.
inline constexpr std::size_t kMaxSettingsBytes = std::size_t{64} << 10;

// Parses a JSON object with "user_class_name" and attributes, in linear time. The error is for its
// sender.
Result<proto::UpdateUserClass> parse_user_settings(std::string_view text);

}  // namespace locust::master::web
