// _locust_worker.Session: a user's HTTP client, for the classes of locust/clients.py.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "common/python/ref.h"
#include "worker/python/response_object.h"

namespace locust::worker {

struct PythonUserObject;

// Whose failure texts a session uses: HttpUser's, which are those of requests, or FastHttpUser's.
enum class SessionKind { kRequests, kFast };

struct SessionState {
  SessionState();
  ~SessionState();
  SessionState(const SessionState&) = delete;
  SessionState& operator=(const SessionState&) = delete;

  // Returns a free lane with the session's current headers.
  SessionLane& lane();
  // Closes all lanes. Called before the loop ends.
  void close();

  SessionKind kind = SessionKind::kRequests;
  std::string base_url;
  HttpSessionOwner owner;
  RequestStats* stats = nullptr;
  std::deque<SessionLane> lanes;
  // The defaults of requests.
  HttpHeaders headers;
  Duration timeout{};
  bool verify = true;
  int max_redirects = 30;
};

struct SessionObject {
  PyObject_HEAD SessionState* state;  // owned
  PyObject* headers;                  // a Headers of locust/clients.py
  unsigned long long headers_version;
  PyObject* response_class;
  PyObject* request_name;  // set by rename_request, or None
  bool slow;               // every request goes through locust/clients.py
};

inline SessionObject& session_of(PyObject* self) { return *reinterpret_cast<SessionObject*>(self); }

// The type, to be subclassed in Python. Created once per process.
PyTypeObject* session_type();

}  // namespace locust::worker
