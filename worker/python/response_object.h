// _locust_worker.Response: the response to a request, the base of the class in locust/clients.py.
#pragma once

#include <memory>
#include <string>

#include "common/python/ref.h"
#include "worker/user/http_session.h"

namespace locust::worker {

struct ResponseObject;

// Carries one request at a time of a Python session. A user has more than one lane only if its
// requests overlap, in greenlets that it spawned or in nested `with` blocks.
struct SessionLane {
  std::unique_ptr<HttpSession> session;
  bool busy = false;                   // in flight, or waiting for the verdict
  ResponseObject* response = nullptr;  // its contents are in the session's exchange; not owned
};

// The contents stay in the lane's exchange until the next request needs it. They are converted to
// Python objects on access.
struct ResponseObject {
  PyObject_HEAD SessionLane* lane;  // null: the contents are in `held`
  HttpResponse* held;               // owned
  std::string* url;                 // owned; with `held`
  std::string* first_url;
  Duration timeout;
  PyObject* name;
  PyObject* method;
  double start_time;  // seconds since the epoch
  bool undecided;     // created with catch_response, not yet logged or discarded

  const HttpResponse& response() const {
    return lane != nullptr ? lane->session->response() : *held;
  }
  // Moves the contents out of the lane's exchange, which is then free.
  void detach();
};

// The type, to be subclassed in Python. Created once per process.
PyTypeObject* response_type();

// Creates an object of `type`, a subclass, for the contents of the lane. Returns null with an
// exception set on failure.
ResponseObject* new_response(PyTypeObject* type, SessionLane& lane);

}  // namespace locust::worker
