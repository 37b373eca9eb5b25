// The requests of _locust_worker.Session: from what Python code asks for to what it gets.
#pragma once

#include <optional>
#include <string>

#include "worker/python/session_object.h"

namespace locust::worker {

// requests waits for ever; nobody sees the difference.
inline constexpr Duration kNoTimeout = std::chrono::hours(24 * 365);

// A request as Python code asks for it, borrowed.
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

// Adds the items of a dict; None removes a header. False: an exception is set.
bool add_headers(PyObject* dict, HeaderChanges& changes);
// Reads the session's headers again if somebody changed them. False: an exception is set.
bool read_headers(SessionObject& self);
// The body that the call gives. False: an exception is set.
bool set_body(const SessionObject& self, const Call& call, RequestOptions& options);

// Sends the request and waits in the greenlet that runs. Returns the response; null: an exception
// is set.
PyObject* perform(SessionObject& self, const Call& call, RequestOptions options);
// The same with the session's options and what the call says of them.
PyObject* perform_plain(SessionObject& self, const Call& call);

// The verdict on the last response, in the words of the session's kind; empty for success.
std::string failure_of(const SessionState& state, const HttpSession& session);

}  // namespace locust::worker
