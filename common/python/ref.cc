#include "common/python/ref.h"

namespace locust::python {

std::string_view bytes_of(PyObject* bytes) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(bytes, &data, &size) < 0) {
    PyErr_Clear();
    return {};
  }
  return {data, static_cast<std::size_t>(size)};
}

std::string text_of(PyObject* object) {
  if (object != nullptr && PyUnicode_CheckExact(object)) {
    Py_ssize_t size = 0;
    const char* const utf8 = PyUnicode_AsUTF8AndSize(object, &size);
    if (utf8 != nullptr) return {utf8, static_cast<std::size_t>(size)};
    PyErr_Clear();
  }
  const Ref text(object == nullptr ? nullptr : PyObject_Str(object));
  const Ref bytes(text ? PyUnicode_AsEncodedString(text.get(), "utf-8", "replace") : nullptr);
  if (!bytes) {
    PyErr_Clear();
    return {};
  }
  return std::string(bytes_of(bytes.get()));
}

Ref to_str(std::string_view text) {
  return Ref(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

// The type may be a subclass written in Python, whose objects have the garbage collector's header.
void free_object(PyObject* object) {
  PyTypeObject* const type = Py_TYPE(object);
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

Ref call_embedded(const char* module, const char* name, PyObject* args) {
  const Ref imported(PyImport_ImportModule(module));
  const Ref function(imported ? PyObject_GetAttrString(imported.get(), name) : nullptr);
  return Ref(function ? PyObject_Call(function.get(), args, nullptr) : nullptr);
}

Ref take_exception() {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  const Ref owned_type(type);
  const Ref owned_traceback(traceback);
  if (traceback != nullptr) PyException_SetTraceback(value, traceback);
  return Ref(value);
}

namespace {

void report_unhandled(PyObject* place, const Ref& exception) {
  if (!exception) return;
  const Ref arguments(PyTuple_Pack(2, place, exception.get()));
  if (const Ref told = call_embedded("locust.log", "unhandled", arguments.get()); told) return;
  PyErr_WriteUnraisable(exception.get());
}

}  // namespace

void report_unraisable(const char* where) {
  const Ref exception = take_exception();
  report_unhandled(to_str(where).get(), exception);
}

void report_unraisable(PyObject* callable) { report_unhandled(callable, take_exception()); }

}  // namespace locust::python
