// Applies `cookies`, `auth`, `timeout`, `verify` … of a class and of a request to a request's
// options.
#pragma once

#include <string>
#include <string_view>

#include "worker/scenario/plan.h"
#include "worker/user/http_session.h"

namespace locust::worker {

inline constexpr std::string_view kAuthorization = "Authorization";

// Checks a constant value at load: returns why it cannot be used, such as an unreadable
// certificate; empty if no reason is known.
std::string setting_error(const RequestSettingsPlan::Value& setting);

// Applies everything but the Authorization header. The request's values override the class's, which
// are then not evaluated; either may be null. Throws ExprFailure.
void apply_settings(const RequestSettingsPlan* of_class, const RequestSettingsPlan* of_request,
                    const EvalContext& context, RequestOptions& options);

// The header for `basic` and `bearer`; the other kinds remove it.
void add_authorization(const RequestSettingsPlan::Auth& auth, const EvalContext& context,
                       HeaderChanges& headers);

// Throws ExprFailure for a value that a cookie cannot have.
void require_valid_cookie(const HttpCookie& cookie);

}  // namespace locust::worker
