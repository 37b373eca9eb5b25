// What stock's POST /user says: attributes of one user class.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/base/result.h"
#include "proto/message.h"

namespace locust::master::web {

// More is not read, as it goes to every worker.
inline constexpr std::size_t kMaxSettingsBytes = std::size_t{64} << 10;

// A JSON object with "user_class_name" and attributes, in time linear in its length; the error is
// for who sent it.
Result<proto::UpdateUserClass> parse_user_settings(std::string_view text);

}  // namespace locust::master::web
