// The requests of _locust_worker.Session, from the Python call to its result.
#pragma once

#include <optional>
#include <string>

#include "worker/python/session_object.h"

namespace locust::worker {

// requests has no limit. A year has the same effect.
inline constexpr Duration kNoTimeout = std::chrono::hours(24 * 365);

// The arguments of a Python call. References are borrowed.
struct Call {
  PyObject* method = nullptr;
  PyObject* url = nullptr;
  PyObject* name = nullptr;
  PyObject* catch_response = nullptr;
  PyObject* context = nullptr;
  PyObject* data = nullptr;
  PyObject* json = nullptr;
  PyObject* headers = nullptr;
  PyObject* timeout = nullptr;
  PyObject* allow_redirects = nullptr;
};

inline bool given(PyObject* value) { return value != nullptr && value != Py_None; }

// Adds the items of a dict; None removes a header. Returns false with an exception set on failure.
bool add_headers(PyObject* dict, HeaderChanges& changes);
// Reads the session's headers again if they changed. Returns false with an exception set on
// failure.
bool read_headers(SessionObject& self);
// Sets the body from the call. Returns false with an exception set on failure.
bool set_body(const SessionObject& self, const Call& call, RequestOptions& options);

// Sends the request and waits in the running greenlet. Returns the response, or null with an
// exception set.
PyObject* perform(SessionObject& self, const Call& call, RequestOptions options);
// The same with the session's options, as far as the call does not override them.
PyObject* perform_plain(SessionObject& self, const Call& call);

// The failure text for the last response, as the session's kind writes it; empty for success.
std::string failure_of(const SessionState& state, const HttpSession& session);

}  // namespace locust::worker
