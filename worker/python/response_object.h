// _locust_worker.Response: what came of a request, for the class of locust/clients.py.
#pragma once

#include <memory>
#include <string>

#include "common/python/ref.h"
#include "worker/user/http_session.h"

namespace locust::worker {

struct ResponseObject;

// One request at a time of a session in Python. A user has more than one only while requests
// overlap: greenlets of its own, or `with` blocks within each other.
struct SessionLane {
  std::unique_ptr<HttpSession> session;
  bool busy = false;                   // in flight, or its verdict is awaited
  ResponseObject* response = nullptr;  // whose contents are in the session's exchange; not owned
};

// Contents stay in the exchange of the lane until the next request needs it, and become objects of
// Python only when they are asked for.
struct ResponseObject {
  PyObject_HEAD SessionLane* lane;  // null: `held` has what there was
  HttpResponse* held;               // owned
  std::string* url;                 // owned; with `held`
  std::string* first_url;
  Duration timeout;
  PyObject* name;
  PyObject* method;
  double start_time;  // seconds since the epoch
  bool undecided;     // made with catch_response, and neither logged nor given up

  const HttpResponse& response() const {
    return lane != nullptr ? lane->session->response() : *held;
  }
  // Takes what is in the lane's exchange along, which is then free.
  void detach();
};

// The type, to be subclassed in Python; once per process.
PyTypeObject* response_type();

// A new object of `type`, a subclass, for what is in the lane. Null: an exception is set.
ResponseObject* new_response(PyTypeObject* type, SessionLane& lane);

}  // namespace locust::worker
