#include "worker/python/session_request.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "common/scenario/base_url.h"
#include "worker/http/header_name.h"
#include "worker/http/url.h"
#include "worker/python/failure_texts.h"
#include "worker/python/loop_state.h"

namespace locust::worker {

using python::Ref;
using python::text_of;
using python::to_str;

namespace {

// The text of a str or bytes object, or the str() of any other. Returns nullopt with an exception
// set on failure.
std::optional<std::string> as_text(PyObject* value) {
  if (PyUnicode_Check(value)) {
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(value, &size);
    if (text == nullptr) return std::nullopt;
    return std::string(text, static_cast<std::size_t>(size));
  }
  if (PyBytes_Check(value)) {
    return std::string(python::bytes_of(value));
  }
  return text_of(value);
}

bool is_safe_in_url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && std::strchr("!#$%&'()*+,/:;=?@[]~-._", c) != nullptr);
}

// The URL percent-encoded, as it is sent.
std::optional<std::string> url_text(PyObject* url) {
  auto text = as_text(url);
  if (!text || std::all_of(text->begin(), text->end(), is_safe_in_url)) return text;
  const Ref arguments(PyTuple_Pack(1, to_str(*text).get()));
  const Ref quoted = python::call_embedded("locust.clients", "requote_url", arguments.get());
  return quoted ? as_text(quoted.get()) : std::nullopt;
}

// path_url of requests: "/a?b=c" for "http://host/a?b=c#d".
std::string path_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    const std::size_t path = url.find_first_of("/?#", scheme + 3);
    url = path == std::string_view::npos ? std::string_view() : url.substr(path);
  }
  url = url.substr(0, url.find('#'));
  return url.starts_with('/') ? std::string(url) : '/' + std::string(url);
}

bool names(const HeaderChanges& changes, std::string_view name) {
  return std::any_of(changes.begin(), changes.end(),
                     [name](const HeaderChange& c) { return same_name(c.name, name); });
}

bool names(const HttpHeaders& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [name](const HttpHeader& h) { return same_name(h.name, name); });
}

std::optional<std::string> json_text(PyObject* value) {
  static PyObject* const dumps = [] {
    const Ref json(PyImport_ImportModule("json"));
    return json ? PyObject_GetAttrString(json.get(), "dumps") : nullptr;
  }();
  const Ref text(dumps != nullptr ? PyObject_CallFunctionObjArgs(dumps, value, nullptr) : nullptr);
  return text ? as_text(text.get()) : std::nullopt;
}

bool lacks_scheme(std::string_view url) { return url.find("://") == std::string_view::npos; }

// Whether the client class raises into the task without counting a request, because the request
// could not be made.
bool is_raised(const SessionState& state, const Exchange& exchange) {
  if (!exchange.response.failed()) return false;
  const std::string& url = exchange.request.url;
  if (state.kind == SessionKind::kRequests) return base_url_problem(url).has_value();
  return exchange.response.error == HttpErrorKind::kInvalidRequest &&
         exchange.response.error_text.starts_with("ValueError(") && !lacks_scheme(url);
}

PyObject* raise_into_task(const SessionState& state, const Exchange& exchange) {
  const bool fast = state.kind == SessionKind::kFast;
  const Ref arguments(
      PyTuple_Pack(1, to_str(fast ? exchange.response.error_text : exchange.request.url).get()));
  python::call_embedded("locust.clients", fast ? "raise_value_error" : "raise_invalid_url",
                        arguments.get());
  return nullptr;
}

// Creates the response object for the task and counts the request. Returns null with an exception
// set on failure.
PyObject* respond(SessionObject& self, const Call& call, SessionLane& lane, double start_time) {
  const Exchange& exchange = lane.session->exchange();
  if (is_raised(*self.state, exchange)) {
    lane.session->forget();
    lane.busy = false;
    return raise_into_task(*self.state, exchange);
  }
  auto* const type = reinterpret_cast<PyTypeObject*>(self.response_class);
  ResponseObject* const response = new_response(type, lane);
  if (response == nullptr) return nullptr;
  auto* const object = reinterpret_cast<PyObject*>(response);
  Ref result(object);
  response->method = Py_NewRef(call.method);
  response->name = to_str(lane.session->name()).release();
  response->start_time = start_time;
  const bool catches = given(call.catch_response) && PyObject_IsTrue(call.catch_response) == 1;
  if (catches) {
    response->undecided = true;
    if (given(call.context) && PyObject_SetAttrString(object, "_context", call.context) < 0) {
      return nullptr;
    }
    static PyObject* const session_name = PyUnicode_InternFromString("_session");
    if (PyObject_SetAttr(object, session_name, reinterpret_cast<PyObject*>(&self)) < 0) {
      return nullptr;
    }
    return result.release();
  }
  const std::string failure = failure_of(*self.state, *lane.session);
  lane.session->finish(failure);
  lane.busy = false;
  if (module_state.request_listeners) {
    const Ref fired(PyObject_CallMethod(reinterpret_cast<PyObject*>(&self), "_fire", "OsO", object,
                                        failure.c_str(),
                                        call.context != nullptr ? call.context : Py_None));
    if (!fired) return nullptr;
  }
  return result.release();
}

}  // namespace

bool add_headers(PyObject* dict, HeaderChanges& changes) {
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  for (Py_ssize_t place = 0; PyDict_Next(dict, &place, &key, &value) != 0;) {
    auto name = as_text(key);
    if (!name) return false;
    HeaderChange change{*std::move(name), std::nullopt};
    if (value != Py_None) {
      change.value = as_text(value);
      if (!change.value) return false;
    }
    changes.push_back(std::move(change));
  }
  return true;
}

bool read_headers(SessionObject& self) {
  static PyObject* const version_name = PyUnicode_InternFromString("_version");
  const Ref version(PyObject_GetAttr(self.headers, version_name));
  if (!version) return false;
  const unsigned long long number = PyLong_AsUnsignedLongLong(version.get());
  if (number == self.headers_version) return true;
  const Ref plain(PyObject_CallMethod(self.headers, "_plain", nullptr));
  if (!plain) return false;
  HeaderChanges changes;
  if (!add_headers(plain.get(), changes)) return false;
  self.state->headers.clear();
  for (HeaderChange& change : changes) {
    if (change.value) {
      self.state->headers.push_back({std::move(change.name), *std::move(change.value)});
    }
  }
  for (SessionLane& lane : self.state->lanes) lane.session->set_headers(self.state->headers);
  self.headers_version = number;
  return true;
}

bool set_body(const SessionObject& self, const Call& call, RequestOptions& options) {
  if (given(call.data)) {
    auto body = as_text(call.data);
    if (!body) return false;
    options.body = *std::move(body);
  }
  if (!options.body.empty() || !given(call.json)) return true;
  auto text = json_text(call.json);
  if (!text) return false;
  if (self.state->kind == SessionKind::kFast) {
    options.json = *std::move(text);
    return true;
  }
  options.body = *std::move(text);
  if (!names(options.headers, "Content-Type") && !names(self.state->headers, "Content-Type")) {
    options.headers.push_back({"Content-Type", "application/json"});
  }
  return true;
}

std::string failure_of(const SessionState& state, const HttpSession& session) {
  const HttpResponse& response = session.exchange().response;
  if (state.kind == SessionKind::kFast) {
    // In this case stock's client looks up an empty name.
    return response.failed() && lacks_scheme(session.exchange().request.url)
               ? "gaierror(-2, 'Name or service not known')"
               : session.default_failure();
  }
  if (response.failed()) {
    const HttpRequest& request = session.exchange().request;
    return requests_failure(response, request.url, request.timeout);
  }
  return response.status < 400 ? std::string() : requests_bad_status(response, session.name());
}

PyObject* perform(SessionObject& self, const Call& call, RequestOptions options) {
  LoopState* const loop = module_state.loop;
  if (loop == nullptr || loop->hub.current() == nullptr) {
    PyErr_SetString(PyExc_RuntimeError,
                    "requests can only be made by users, test_start and test_stop listeners, and "
                    "greenlets, while the test's loop runs, not by threads of your own");
    return nullptr;
  }
  const auto url = url_text(call.url);
  const auto method = url ? as_text(call.method) : std::nullopt;
  if (!method) return nullptr;
  if (!given(call.name) && self.request_name != Py_None) {
    options.name = text_of(self.request_name);
  } else if (given(call.name)) {
    options.name = text_of(call.name);
  }
  if (options.name.empty() && self.state->kind == SessionKind::kRequests) {
    const bool absolute = url->starts_with("http://") || url->starts_with("https://");
    options.name = path_url(absolute ? *url : self.state->base_url + *url);
  } else if (options.name.empty()) {
    options.name = text_of(call.url);
  }
  SessionLane& lane = self.state->lane();
  if (lane.response != nullptr) lane.response->detach();
  lane.busy = true;
  const double start_time = loop->context.clock().wall_time();
  // The Python exception is set after the C++ exception was handled: no C++ exception is in flight
  // when Python code continues.
  bool killed = false;
  std::string error;
  try {
    lane.session->send(*method, *url, std::move(options));
  } catch (const UserKilled&) {
    killed = true;
  } catch (const std::runtime_error& e) {
    error = e.what();
  }
  if (!killed && error.empty()) return respond(self, call, lane, start_time);
  lane.busy = false;
  if (killed) {
    loop->hub.raise();
  } else {
    PyErr_SetString(PyExc_ValueError, error.c_str());
  }
  return nullptr;
}

// Handles a call with simple arguments. locust/clients.py splits all others.
PyObject* perform_plain(SessionObject& self, const Call& call) {
  if (!read_headers(self)) return nullptr;
  RequestOptions options;
  options.timeout = self.state->timeout;
  options.max_redirects = self.state->max_redirects;
  options.route.verify = self.state->verify;
  if (given(call.headers) && !add_headers(call.headers, options.headers)) return nullptr;
  if (given(call.timeout)) {
    const double timeout = PyFloat_AsDouble(call.timeout);
    if (timeout == -1 && PyErr_Occurred() != nullptr) return nullptr;
    options.timeout = seconds(timeout);
  }
  if (call.allow_redirects != nullptr) {
    options.allow_redirects = PyObject_IsTrue(call.allow_redirects) == 1;
  }
  if (!set_body(self, call, options)) return nullptr;
  return perform(self, call, std::move(options));
}

}  // namespace locust::worker
