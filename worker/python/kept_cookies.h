// The cookies of a client, for locust/_cookies.py. Both functions return null with an exception set
// on failure.
#pragma once

#include "common/python/ref.h"
#include "worker/http/engine.h"

namespace locust::worker {

// _kept_cookies(): a list of tuples, each with the arguments of _keep_cookie.
PyObject* kept_cookies(HttpClient& client);

// _keep_cookie(domain, subdomains, path, secure, http_only, expires, name, value): calls
// HttpClient::keep_cookie. Raises ValueError if the cookie cannot be sent.
PyObject* keep_cookie(HttpClient& client, PyObject* arguments);

}  // namespace locust::worker
