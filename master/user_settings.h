// What stock's POST /user says: attributes of one user class.
#pragma once

#include <string>

#include "common/result.h"
#include "proto/message.h"

namespace locust::master {

// A JSON object with "user_class_name" and attributes; the error is for who sent it.
Result<proto::UpdateUserClass> parse_user_settings(const std::string& text);

}  // namespace locust::master
