// Names whose values are likely to be secrets.
#pragma once

#include <string_view>

namespace locust {

// Whether a header, query parameter, form field, JSON member or variable of this name is likely to
// hold a credential: Authorization, Set-Cookie, X-Api-Key, clientSecret, access_token, user[pin] …
// Case and separators do not matter. Names that only mention one are not among them: token_type,
// max-age, Idempotency-Key, KeyError. Only the last 128 bytes of a long name are considered.
bool carries_credentials(std::string_view name);

// Whether a number with this name is a count (max_tokens), so that it may be shown although the
// name looks like that of a credential.
bool names_a_count(std::string_view name);

}  // namespace locust
