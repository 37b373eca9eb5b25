#include "worker/python/session_object.h"

#include <algorithm>
#include <utility>

#include "worker/python/kept_cookies.h"
#include "worker/python/loop_state.h"
#include "worker/python/session_request.h"
#include "worker/python/user_object.h"

namespace locust::worker {
namespace {

using python::Ref;
using python::text_of;
using python::to_str;

struct Keyword {
  const char* name;
  PyObject* Call::*member;
  PyObject* interned = nullptr;
};

// Finds a keyword that the fast path supports; null if there is none of this name.
Keyword* find_keyword(PyObject* name) {
  static Keyword keywords[] = {
      {"name", &Call::name},       {"catch_response", &Call::catch_response},
      {"context", &Call::context}, {"data", &Call::data},
      {"json", &Call::json},       {"headers", &Call::headers},
      {"timeout", &Call::timeout}, {"allow_redirects", &Call::allow_redirects}};
  for (Keyword& keyword : keywords) {
    if (keyword.interned == nullptr) {
      keyword.interned = PyUnicode_InternFromString(keyword.name);
    }
    if (keyword.interned == name) return &keyword;
  }
  for (Keyword& keyword : keywords) {
    if (PyUnicode_Compare(keyword.interned, name) == 0) return &keyword;
  }
  return nullptr;
}

bool is_plain(const Call& call) {
  const auto is_text = [](PyObject* value) {
    return PyUnicode_Check(value) || PyBytes_Check(value);
  };
  return (!given(call.data) || is_text(call.data)) &&
         (!given(call.headers) || PyDict_Check(call.headers)) &&
         (!given(call.timeout) || PyLong_Check(call.timeout) || PyFloat_Check(call.timeout)) &&
         is_text(call.url) && PyUnicode_Check(call.method);
}

Py_ssize_t size_of(PyObject* keywords) { return keywords == nullptr ? 0 : PyTuple_Size(keywords); }

// Adds a keyword to a dict. Returns false with an exception set if it is given already or on
// failure.
bool add_keyword(PyObject* dict, PyObject* name, PyObject* value) {
  if (PyDict_Contains(dict, name) == 1) {
    PyErr_Format(PyExc_TypeError, "a request got multiple values for keyword argument '%U'", name);
    return false;
  }
  return PyDict_SetItem(dict, name, value) == 0;
}

// Calls _general_request of locust/clients.py with the arguments of a vectorcall. With `method`,
// which is null if it is among them, the positional arguments after the URL become keywords,
// because _general_request has them in another order.
PyObject* call_general(PyObject* function, PyObject* method, PyObject* const* arguments,
                       Py_ssize_t count, PyObject* keywords, PyObject* allow_redirects) {
  static PyObject* const names[] = {PyUnicode_InternFromString("data"),
                                    PyUnicode_InternFromString("json")};
  static PyObject* const redirects_name = PyUnicode_InternFromString("allow_redirects");
  const Py_ssize_t first = method == nullptr ? 0 : 1;
  const Py_ssize_t placed = method == nullptr ? count : std::min<Py_ssize_t>(count, 1);
  const Ref positional(PyTuple_New(first + placed));
  const Ref named(PyDict_New());
  if (!positional || !named) return nullptr;
  if (method != nullptr) PyTuple_SetItem(positional.get(), 0, Py_NewRef(method));
  for (Py_ssize_t i = 0; i < placed; ++i) {
    PyTuple_SetItem(positional.get(), first + i, Py_NewRef(arguments[i]));
  }
  for (Py_ssize_t i = placed; i < count; ++i) {
    if (!add_keyword(named.get(), names[i - placed], arguments[i])) return nullptr;
  }
  const Py_ssize_t size = size_of(keywords);
  for (Py_ssize_t i = 0; i < size; ++i) {
    if (!add_keyword(named.get(), PyTuple_GetItem(keywords, i), arguments[count + i])) {
      return nullptr;
    }
  }
  if (allow_redirects != nullptr && PyDict_Contains(named.get(), redirects_name) == 0) {
    PyDict_SetItem(named.get(), redirects_name, allow_redirects);
  }
  return PyObject_Call(function, positional.get(), named.get());
}

// Calls `method` with the arguments of a vectorcall: `url` first, the others by keyword or in the
// order of `positional`. `allow_redirects` is the default of this keyword; null follows redirects.
PyObject* call_with(PyObject* self_object, PyObject* method, PyObject* const* arguments,
                    Py_ssize_t count, PyObject* keywords,
                    std::initializer_list<PyObject * Call::*> positional,
                    PyObject* allow_redirects = nullptr) {
  SessionObject& self = session_of(self_object);
  if (method != nullptr && count > static_cast<Py_ssize_t>(positional.size())) {
    PyErr_SetString(
        PyExc_TypeError,
        "a request takes url, data and json as positional arguments, others as keywords");
    return nullptr;
  }
  Call call;
  call.method = method;
  call.allow_redirects = allow_redirects;
  bool plain = !self.slow && count <= static_cast<Py_ssize_t>(positional.size());
  for (Py_ssize_t i = 0; plain && i < count; ++i) {
    call.*(*(positional.begin() + i)) = arguments[i];
  }
  const Py_ssize_t named = plain ? size_of(keywords) : 0;
  for (Py_ssize_t i = 0; plain && i < named; ++i) {
    Keyword* const keyword = find_keyword(PyTuple_GetItem(keywords, i));
    plain = keyword != nullptr;
    if (plain) call.*(keyword->member) = arguments[count + i];
  }
  if (plain && call.url != nullptr && call.method != nullptr && is_plain(call)) {
    return perform_plain(self, call);
  }
  static PyObject* const general = PyUnicode_InternFromString("_general_request");
  const Ref function(PyObject_GetAttr(self_object, general));
  if (!function) return nullptr;
  return call_general(function.get(), method, arguments, count, keywords, allow_redirects);
}

PyObject* session_request(PyObject* self, PyObject* const* arguments, Py_ssize_t count,
                          PyObject* keywords) {
  if (session_of(self).state->kind == SessionKind::kRequests) {
    return call_with(
        self, nullptr, arguments, count, keywords,
        {&Call::method, &Call::url, &Call::name, &Call::catch_response, &Call::context});
  }
  return call_with(self, nullptr, arguments, count, keywords,
                   {&Call::method, &Call::url, &Call::name, &Call::data, &Call::catch_response});
}

template <int kMethod>
PyObject* session_method(PyObject* self, PyObject* const* arguments, Py_ssize_t count,
                         PyObject* keywords) {
  constexpr const char* kNames[] = {"GET", "OPTIONS", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  static PyObject* const method = PyUnicode_InternFromString(kNames[kMethod]);
  // head() of requests does not follow redirects; request("HEAD") and FastHttpUser do.
  const bool stays = std::string_view(kNames[kMethod]) == "HEAD" &&
                     session_of(self).state->kind == SessionKind::kRequests;
  return call_with(self, method, arguments, count, keywords, {&Call::url, &Call::data, &Call::json},
                   stays ? Py_False : nullptr);
}

// _send(method, url, name, catch_response, context, body, json, headers, timeout, allow_redirects,
// max_redirects, verify, ca_file, cert_file, proxy, digest, cookies)
PyObject* session_send(PyObject* self_object, PyObject* arguments) {
  SessionObject& self = session_of(self_object);
  Call call;
  int allow_redirects = 1;
  int max_redirects = 0;
  int verify = 1;
  const char* ca_file = nullptr;
  const char* cert_file = nullptr;
  const char* proxy = nullptr;
  PyObject* digest = nullptr;
  PyObject* cookies = nullptr;
  if (PyArg_ParseTuple(arguments, "OOOOOOOOOpipsssOO", &call.method, &call.url, &call.name,
                       &call.catch_response, &call.context, &call.data, &call.json, &call.headers,
                       &call.timeout, &allow_redirects, &max_redirects, &verify, &ca_file,
                       &cert_file, &proxy, &digest, &cookies) == 0) {
    return nullptr;
  }
  if (!read_headers(self)) return nullptr;
  RequestOptions options;
  options.timeout = given(call.timeout) ? seconds(PyFloat_AsDouble(call.timeout)) : kNoTimeout;
  options.allow_redirects = allow_redirects != 0;
  options.max_redirects = max_redirects;
  options.route.verify = verify != 0;
  options.route.ca_file = ca_file;
  options.route.cert_file = cert_file;
  options.route.proxy = proxy;
  if (PyErr_Occurred() != nullptr || !add_headers(call.headers, options.headers)) return nullptr;
  if (given(digest)) {
    options.digest =
        HttpLogin{text_of(PyTuple_GetItem(digest, 0)), text_of(PyTuple_GetItem(digest, 1))};
  }
  HeaderChanges pairs;
  if (!add_headers(cookies, pairs)) return nullptr;
  for (HeaderChange& pair : pairs) {
    options.cookies.push_back({std::move(pair.name), std::move(pair.value)});
  }
  if (!set_body(self, call, options)) return nullptr;
  return perform(self, call, std::move(options));
}

// The client that has the session's cookies. Returns null with an exception set on failure.
HttpClient* client_of(PyObject* self) {
  const LoopState* const loop = module_state.loop;
  if (loop == nullptr || !loop->hub.is_on_thread()) {
    PyErr_SetString(PyExc_RuntimeError,
                    "cookies are available while the test's loop runs, not on threads of your own");
    return nullptr;
  }
  SessionState& state = *session_of(self).state;
  return &(state.lanes.empty() ? state.lane() : state.lanes.front()).session->client();
}

PyObject* session_kept_cookies(PyObject* self, PyObject*) {
  HttpClient* const client = client_of(self);
  return client == nullptr ? nullptr : kept_cookies(*client);
}

PyObject* session_keep_cookie(PyObject* self, PyObject* arguments) {
  HttpClient* const client = client_of(self);
  return client == nullptr ? nullptr : keep_cookie(*client, arguments);
}

// _clear_cookies(): deletes all cookies and keeps the connections.
PyObject* session_clear_cookies(PyObject* self, PyObject*) {
  HttpClient* const client = client_of(self);
  if (client == nullptr) return nullptr;
  client->clear_cookies();
  Py_RETURN_NONE;
}

// _failure(response): the failure text for its status or error; empty for success.
PyObject* session_failure(PyObject* self, PyObject* object) {
  const auto& response = *reinterpret_cast<ResponseObject*>(object);
  if (PyObject_TypeCheck(object, response_type()) == 0 || response.lane == nullptr) {
    return to_str("").release();
  }
  return to_str(failure_of(*session_of(self).state, *response.lane->session)).release();
}

// Session(base_url, user or None, is_fast)
int session_init(PyObject* self_object, PyObject* arguments, PyObject*) {
  PyObject* base_url = nullptr;
  PyObject* user = nullptr;
  int is_fast = 0;
  if (PyArg_ParseTuple(arguments, "OOp", &base_url, &user, &is_fast) == 0) return -1;
  LoopState* const loop = module_state.loop;
  if (loop == nullptr || loop->pool == nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "HTTP clients can only be made while the test's loop runs");
    return -1;
  }
  SessionObject& self = session_of(self_object);
  SessionState& state = *self.state;
  state.kind = is_fast != 0 ? SessionKind::kFast : SessionKind::kRequests;
  state.base_url = given(base_url) ? text_of(base_url) : std::string();
  state.timeout = kNoTimeout;
  state.stats = &loop->pool->stats();
  state.owner.request = &loop->events.request;
  if (const PythonUser* const owner = user_of(user)) {
    state.stats = &owner->stats();
    state.owner.user_class = owner->class_name();
    state.owner.user_id = owner->user_id();
    state.owner.request = &owner->request_event();
  }
  return 0;
}

PyObject* session_new(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* const self = PyType_GenericAlloc(type, 0);
  if (self == nullptr) return nullptr;
  SessionObject& session = session_of(self);
  session.state = new SessionState;
  session.headers = Py_NewRef(Py_None);
  session.response_class = Py_NewRef(reinterpret_cast<PyObject*>(response_type()));
  session.request_name = Py_NewRef(Py_None);
  return self;
}

void session_dealloc(PyObject* self) {
  SessionObject& session = session_of(self);
  delete session.state;
  Py_XDECREF(session.headers);
  Py_XDECREF(session.response_class);
  Py_XDECREF(session.request_name);
  python::free_object(self);
}

template <PyObject* SessionObject::*kMember>
PyObject* get_object(PyObject* self, void*) {
  return Py_NewRef(session_of(self).*kMember);
}

template <PyObject* SessionObject::*kMember>
int set_object(PyObject* self, PyObject* value, void*) {
  if (value == nullptr) {
    PyErr_SetString(PyExc_AttributeError, "cannot be deleted");
    return -1;
  }
  SessionObject& session = session_of(self);
  session.headers_version = 0;
  // Owned to the end: its destruction may run Python code, which may use the session.
  const Ref old(std::exchange(session.*kMember, Py_NewRef(value)));
  return 0;
}

PyObject* get_slow(PyObject* self, void*) { return PyBool_FromLong(session_of(self).slow ? 1 : 0); }
int set_slow(PyObject* self, PyObject* value, void*) {
  session_of(self).slow = value != nullptr && PyObject_IsTrue(value) == 1;
  return 0;
}

PyObject* get_base_url(PyObject* self, void*) {
  return to_str(session_of(self).state->base_url).release();
}

// `value` is in seconds; None means no timeout.
int set_timeout(PyObject* self, PyObject* value, void*) {
  session_of(self).state->timeout = given(value) ? seconds(PyFloat_AsDouble(value)) : kNoTimeout;
  return PyErr_Occurred() != nullptr ? -1 : 0;
}

int set_max_redirects(PyObject* self, PyObject* value, void*) {
  const long most = value == nullptr ? 0 : PyLong_AsLong(value);
  session_of(self).state->max_redirects = static_cast<int>(std::clamp(most, 0L, 1'000'000L));
  return PyErr_Occurred() != nullptr ? -1 : 0;
}

int set_verify(PyObject* self, PyObject* value, void*) {
  session_of(self).state->verify = value != nullptr && PyObject_IsTrue(value) == 1;
  return 0;
}

PyGetSetDef session_getters[] = {
    {"_headers", get_object<&SessionObject::headers>, set_object<&SessionObject::headers>, nullptr,
     nullptr},
    {"_response_class", get_object<&SessionObject::response_class>,
     set_object<&SessionObject::response_class>, nullptr, nullptr},
    {"request_name", get_object<&SessionObject::request_name>,
     set_object<&SessionObject::request_name>, nullptr, nullptr},
    {"_slow", get_slow, set_slow, nullptr, nullptr},
    {"base_url", get_base_url, nullptr, nullptr, nullptr},
    {"_timeout", nullptr, set_timeout, nullptr, nullptr},
    {"_max_redirects", nullptr, set_max_redirects, nullptr, nullptr},
    {"_verify", nullptr, set_verify, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

using FastMethod = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);

PyMethodDef method_of(const char* name, FastMethod function) {
  // The cast that CPython's own method tables use.
  return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function)),
          METH_FASTCALL | METH_KEYWORDS, nullptr};
}

PyMethodDef session_methods[] = {
    method_of("request", session_request),
    method_of("get", session_method<0>),
    method_of("options", session_method<1>),
    method_of("head", session_method<2>),
    method_of("post", session_method<3>),
    method_of("put", session_method<4>),
    method_of("patch", session_method<5>),
    method_of("delete", session_method<6>),
    {"_send", session_send, METH_VARARGS, nullptr},
    {"_kept_cookies", session_kept_cookies, METH_NOARGS, nullptr},
    {"_keep_cookie", session_keep_cookie, METH_VARARGS, nullptr},
    {"_clear_cookies", session_clear_cookies, METH_NOARGS, nullptr},
    {"_failure", session_failure, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot session_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(&session_new)},
    {Py_tp_init, reinterpret_cast<void*>(&session_init)},
    {Py_tp_dealloc, reinterpret_cast<void*>(&session_dealloc)},
    {Py_tp_getset, session_getters},
    {Py_tp_methods, session_methods},
    {0, nullptr},
};

PyType_Spec session_spec = {"_locust_worker.Session", sizeof(SessionObject), 0,
                            Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, session_slots};

}  // namespace

SessionState::SessionState() {
  if (module_state.loop != nullptr) module_state.loop->sessions.insert(this);
}

SessionState::~SessionState() {
  close();
  if (module_state.loop != nullptr) module_state.loop->sessions.erase(this);
}

void SessionState::close() {
  for (SessionLane& lane : lanes) {
    if (lane.response != nullptr) lane.response->detach();
    lane.session->forget();
  }
  lanes.clear();
}

SessionLane& SessionState::lane() {
  for (SessionLane& lane : lanes) {
    if (!lane.busy) return lane;
  }
  LoopState& loop = *module_state.loop;
  auto session = lanes.empty() ? std::make_unique<HttpSession>(loop.context, loop.engine, *stats,
                                                               base_url, owner)
                               : lanes.front().session->sibling();
  session->set_headers(headers);
  return lanes.emplace_back(SessionLane{.session = std::move(session)});
}

PyTypeObject* session_type() {
  static PyObject* const type = PyType_FromSpec(&session_spec);
  return reinterpret_cast<PyTypeObject*>(type);
}

}  // namespace locust::worker
