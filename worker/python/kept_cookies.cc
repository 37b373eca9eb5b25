#include "worker/python/kept_cookies.h"

namespace locust::worker {

using python::Ref;
using python::to_str;

PyObject* kept_cookies(HttpClient& client) {
  Ref list(PyList_New(0));
  if (!list) return nullptr;
  const auto flag = [](bool value) { return value ? Py_True : Py_False; };
  for (const KeptCookie& cookie : client.cookies()) {
    const Ref item(Py_BuildValue("(NONOOLNN)", to_str(cookie.domain).release(),
                                 flag(cookie.subdomains), to_str(cookie.path).release(),
                                 flag(cookie.secure), flag(cookie.http_only),
                                 static_cast<long long>(cookie.expires),
                                 to_str(cookie.name).release(), to_str(cookie.value).release()));
    if (!item || PyList_Append(list.get(), item.get()) < 0) return nullptr;
  }
  return list.release();
}

PyObject* keep_cookie(HttpClient& client, PyObject* arguments) {
  const char* domain = nullptr;
  const char* path = nullptr;
  const char* name = nullptr;
  const char* value = nullptr;
  int subdomains = 0;
  int secure = 0;
  int http_only = 0;
  long long expires = 0;
  if (PyArg_ParseTuple(arguments, "spsppLss", &domain, &subdomains, &path, &secure, &http_only,
                       &expires, &name, &value) == 0) {
    return nullptr;
  }
  if (client.keep_cookie({.domain = domain,
                          .subdomains = subdomains != 0,
                          .path = path,
                          .secure = secure != 0,
                          .http_only = http_only != 0,
                          .expires = expires,
                          .name = name,
                          .value = value})) {
    Py_RETURN_NONE;
  }
  PyErr_Format(
      PyExc_ValueError,
      "the cookie '%s' of '%s' cannot be sent: it needs a name, a domain and a path; there "
      "are no control characters in it, no ';' in name and value, no '=' in the name",
      name, domain);
  return nullptr;
}

}  // namespace locust::worker
