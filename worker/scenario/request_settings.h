// `cookies`, `auth`, `timeout`, `verify` … of a class and of a request, put into a request's options.
#pragma once

#include <string>
#include <string_view>

#include "worker/scenario/plan.h"
#include "worker/user/session.h"

namespace locust::worker {

inline constexpr std::string_view kAuthorization = "Authorization";

// At load: why a constant value cannot be used here, such as a certificate that cannot be read; ""
// if nothing is known against it.
std::string setting_error(const RequestSettingsPlan::Value& setting);

// All but the Authorization header. The request's values win over the class's, which are not
// evaluated then; either may be null. Throws ExprFailure.
void apply_settings(const RequestSettingsPlan* of_class, const RequestSettingsPlan* of_request,
                    const EvalContext& context, RequestOptions& options);

// The header of `basic` and `bearer`; the others remove one that is there.
void add_authorization(const RequestSettingsPlan::Auth& auth, const EvalContext& context,
                       HeaderChanges& headers);

// Throws ExprFailure for a value that a cookie cannot have.
void require_valid_cookie(const HttpCookie& cookie);

}  // namespace locust::worker
