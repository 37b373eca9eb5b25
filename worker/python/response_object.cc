#include "worker/python/response_object.h"

#include <cmath>
#include <optional>
#include <utility>

#include "worker/python/failure_texts.h"

namespace locust::worker {
namespace {

using python::text_of;
using python::to_str;

ResponseObject& response_of(PyObject* self) { return *reinterpret_cast<ResponseObject*>(self); }

// Frees the lane for the next request. Without a verdict the request is not counted, as in stock.
void release_lane(ResponseObject& object) {
  if (object.lane == nullptr) return;
  if (std::exchange(object.undecided, false)) {
    object.lane->session->forget();
    object.lane->busy = false;
  }
  object.lane->response = nullptr;
  object.lane = nullptr;
}

void response_dealloc(PyObject* self) {
  ResponseObject& object = response_of(self);
  release_lane(object);
  delete object.held;
  delete object.url;
  delete object.first_url;
  Py_XDECREF(object.name);
  Py_XDECREF(object.method);
  python::free_object(self);
}

PyObject* get_status_code(PyObject* self, void*) {
  return PyLong_FromLong(response_of(self).response().status);
}

PyObject* get_content(PyObject* self, void*) {
  const HttpResponse& response = response_of(self).response();
  return PyBytes_FromStringAndSize(response.body.data(),
                                   static_cast<Py_ssize_t>(response.body.size()));
}

// The header lines as received.
PyObject* get_header_lines(PyObject* self, void*) {
  const std::string& headers = response_of(self).response().headers;
  return PyUnicode_DecodeLatin1(headers.data(), static_cast<Py_ssize_t>(headers.size()), nullptr);
}

PyObject* get_reason(PyObject* self, void*) {
  return to_str(response_of(self).response().reason).release();
}

// The URL after all redirects.
PyObject* get_final_url(PyObject* self, void*) {
  const ResponseObject& object = response_of(self);
  return to_str(object.lane != nullptr ? object.lane->session->exchange().url() : *object.url)
      .release();
}

PyObject* get_first_url(PyObject* self, void*) {
  const ResponseObject& object = response_of(self);
  return to_str(object.lane != nullptr ? object.lane->session->exchange().request.url
                                       : *object.first_url)
      .release();
}

PyObject* get_response_time(PyObject* self, void*) {
  return PyFloat_FromDouble(to_ms(response_of(self).response().response_time));
}

PyObject* get_response_length(PyObject* self, void*) {
  const HttpResponse& response = response_of(self).response();
  return PyLong_FromUnsignedLongLong(response.failed() ? 0 : response.content_length);
}

PyObject* get_redirects(PyObject* self, void*) {
  return PyLong_FromLong(response_of(self).response().redirects);
}

// The reason why there is no complete response, as FastHttpUser writes it; empty if there is one.
PyObject* get_error_text(PyObject* self, void*) {
  return to_str(response_of(self).response().error_text).release();
}

// The same reason as HttpUser writes it.
PyObject* get_requests_error_text(PyObject* self, void*) {
  const ResponseObject& object = response_of(self);
  if (object.lane == nullptr) {
    return to_str(requests_failure(*object.held, *object.first_url, object.timeout)).release();
  }
  const HttpRequest& request = object.lane->session->exchange().request;
  return to_str(requests_failure(object.response(), request.url, request.timeout)).release();
}

PyObject* get_name(PyObject* self, void*) { return Py_NewRef(response_of(self).name); }
PyObject* get_method(PyObject* self, void*) { return Py_NewRef(response_of(self).method); }
PyObject* get_start_time(PyObject* self, void*) {
  return PyFloat_FromDouble(response_of(self).start_time);
}
PyObject* get_undecided(PyObject* self, void*) {
  return PyBool_FromLong(response_of(self).undecided ? 1 : 0);
}

// _log(failure, (request_type, name, response_time or None, response_length) or None): counts the
// request once. An empty `failure` means success.
PyObject* response_log(PyObject* self, PyObject* arguments) {
  PyObject* failure = nullptr;
  PyObject* counted = nullptr;
  if (PyArg_ParseTuple(arguments, "OO", &failure, &counted) == 0) return nullptr;
  ResponseObject& object = response_of(self);
  if (!object.undecided) Py_RETURN_FALSE;
  HttpSession& session = *object.lane->session;
  if (counted == Py_None) {
    session.finish(text_of(failure));
  } else {
    PyObject* type = nullptr;
    PyObject* name = nullptr;
    PyObject* time = nullptr;
    double length = 0;
    if (PyArg_ParseTuple(counted, "OOOd", &type, &name, &time, &length) == 0) return nullptr;
    std::optional<double> response_time;
    if (time != Py_None) response_time = PyFloat_AsDouble(time);
    if (PyErr_Occurred() != nullptr) return nullptr;
    constexpr double kMost = 9e18;
    session.finish_as(
        {.type = text_of(type),
         .name = text_of(name),
         .response_time_ms = response_time,
         .length = length > 0 ? static_cast<std::uint64_t>(std::fmin(length, kMost)) : 0},
        text_of(failure));
  }
  object.undecided = false;
  object.lane->busy = false;
  Py_RETURN_TRUE;
}

PyGetSetDef response_getters[] = {
    {"status_code", get_status_code, nullptr, nullptr, nullptr},
    {"_content", get_content, nullptr, nullptr, nullptr},
    {"_header_lines", get_header_lines, nullptr, nullptr, nullptr},
    {"reason", get_reason, nullptr, nullptr, nullptr},
    {"_final_url", get_final_url, nullptr, nullptr, nullptr},
    {"_first_url", get_first_url, nullptr, nullptr, nullptr},
    {"_response_time", get_response_time, nullptr, nullptr, nullptr},
    {"_response_length", get_response_length, nullptr, nullptr, nullptr},
    {"_redirects", get_redirects, nullptr, nullptr, nullptr},
    {"_error_text", get_error_text, nullptr, nullptr, nullptr},
    {"_requests_error_text", get_requests_error_text, nullptr, nullptr, nullptr},
    {"_name", get_name, nullptr, nullptr, nullptr},
    {"_method", get_method, nullptr, nullptr, nullptr},
    {"_start_time", get_start_time, nullptr, nullptr, nullptr},
    {"_undecided", get_undecided, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyMethodDef response_methods[] = {
    {"_log", response_log, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyObject* response_new(PyTypeObject*, PyObject*, PyObject*) {
  PyErr_SetString(PyExc_TypeError, "responses come from requests only");
  return nullptr;
}

PyType_Slot response_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(&response_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(&response_dealloc)},
    {Py_tp_getset, response_getters},
    {Py_tp_methods, response_methods},
    {0, nullptr},
};

PyType_Spec response_spec = {"_locust_worker.Response", sizeof(ResponseObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, response_slots};

}  // namespace

void ResponseObject::detach() {
  url = new std::string(lane->session->exchange().url());
  first_url = new std::string(lane->session->exchange().request.url);
  timeout = lane->session->exchange().request.timeout;
  held = new HttpResponse(std::move(lane->session->response()));
  lane->response = nullptr;
  lane = nullptr;
  undecided = false;
}

PyTypeObject* response_type() {
  static PyObject* const type = PyType_FromSpec(&response_spec);
  return reinterpret_cast<PyTypeObject*>(type);
}

ResponseObject* new_response(PyTypeObject* type, SessionLane& lane) {
  PyObject* const self = PyType_GenericAlloc(type, 0);
  if (self == nullptr) return nullptr;
  ResponseObject& object = response_of(self);
  object.lane = &lane;
  lane.response = &object;
  return &object;
}

}  // namespace locust::worker
