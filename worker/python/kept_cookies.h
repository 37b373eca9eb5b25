// The cookies that a client keeps, for locust/_cookies.py. Null: an exception is set.
#pragma once

#include "common/python/ref.h"
#include "worker/http/engine.h"

namespace locust::worker {

// _kept_cookies(): a list of tuples of what _keep_cookie takes.
PyObject* kept_cookies(HttpClient& client);

// _keep_cookie(domain, subdomains, path, secure, http_only, expires, name, value), as
// HttpClient::keep_cookie. Raises ValueError for what cannot be sent.
PyObject* keep_cookie(HttpClient& client, PyObject* arguments);

}  // namespace locust::worker
