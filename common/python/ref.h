// Ref: a strong reference to a Python object. Everything here needs the GIL.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string>
#include <string_view>
#include <utility>

namespace locust::python {

class Ref {
 public:
  Ref() = default;
  // Takes ownership of a new reference, as most functions of Python's C API return one.
  explicit Ref(PyObject* owned) : object_(owned) {}
  static Ref borrow(PyObject* object) {
    Py_XINCREF(object);
    return Ref(object);
  }
  Ref(const Ref& other) : object_(other.object_) { Py_XINCREF(object_); }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { Py_XDECREF(object_); }

  PyObject* get() const { return object_; }
  // Releases ownership of the reference, for example to Python.
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

// Holds the GIL during its lifetime, on any thread.
class GilHeld {
 public:
  GilHeld() : state_(PyGILState_Ensure()) {}
  ~GilHeld() { PyGILState_Release(state_); }
  GilHeld(const GilHeld&) = delete;
  GilHeld& operator=(const GilHeld&) = delete;

 private:
  PyGILState_STATE state_;
};

// Releases the GIL during its lifetime, on a thread that holds it.
class GilReleased {
 public:
  GilReleased() : state_(PyEval_SaveThread()) {}
  ~GilReleased() { PyEval_RestoreThread(state_); }
  GilReleased(const GilReleased&) = delete;
  GilReleased& operator=(const GilReleased&) = delete;

 private:
  PyThreadState* state_;
};

// The contents of a bytes object, which must outlive the result.
std::string_view bytes_of(PyObject* bytes);
// The result of str(); lone surrogates and unprintable objects become '?'.
std::string text_of(PyObject* object);
// From UTF-8; invalid bytes become U+FFFD.
Ref to_str(std::string_view text);
// Frees an object and releases its type, as the last step of its tp_dealloc. The type must be one
// from PyType_FromSpec or a subclass of it.
void free_object(PyObject* object);
// Calls `name` of the embedded module `module` ("locust._host"). Returns null with an exception set
// on failure.
Ref call_embedded(const char* module, const char* name, PyObject* args);
// Returns the current exception, with its traceback, and clears it. Null if there is none.
Ref take_exception();
// Logs the current exception and clears it. It counts as uncaught and affects the exit code.
void report_unraisable(const char* where);
// The same for an exception of `callable`.
void report_unraisable(PyObject* callable);

}  // namespace locust::python
