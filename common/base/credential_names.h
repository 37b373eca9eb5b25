// Names that are likely to stand before a secret.
#pragma once

#include <string_view>

namespace locust {

// Whether a header, query parameter, form field, JSON member or variable of this name is likely to
// hold a credential: Authorization, Set-Cookie, X-Api-Key, clientSecret, access_token, user[pin] …
// Case and separators do not matter. Names that only speak of one are not among them: token_type,
// max-age, Idempotency-Key, KeyError. Of a long name the last 128 bytes are looked at.
bool carries_credentials(std::string_view name);

// Whether a number of this name counts something (max_tokens), so that it may be shown although the
// name carries credentials.
bool names_a_count(std::string_view name);

}  // namespace locust
