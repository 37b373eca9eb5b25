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
  // Takes over a new reference, as most functions of Python's C API return one.
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
  // Gives the reference away, to Python for example.
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

// Holds the GIL for a while on a thread of any kind.
class GilHeld {
 public:
  GilHeld() : state_(PyGILState_Ensure()) {}
  ~GilHeld() { PyGILState_Release(state_); }
  GilHeld(const GilHeld&) = delete;
  GilHeld& operator=(const GilHeld&) = delete;

 private:
  PyGILState_STATE state_;
};

// Lets the GIL go for a while on a thread that holds it.
class GilReleased {
 public:
  GilReleased() : state_(PyEval_SaveThread()) {}
  ~GilReleased() { PyEval_RestoreThread(state_); }
  GilReleased(const GilReleased&) = delete;
  GilReleased& operator=(const GilReleased&) = delete;

 private:
  PyThreadState* state_;
};

// What str() makes of the object; lone surrogates and what cannot be shown become '?'.
std::string text_of(PyObject* object);
// UTF-8; bytes that are none become U+FFFD.
Ref to_str(std::string_view text);
// Calls `name` of the embedded module `module` ("locust._host"). A null result: an exception is set.
Ref call_embedded(const char* module, const char* name, PyObject* args);
// The exception that is set, with its traceback in it, and clears it. Null: none is set.
Ref take_exception();
// Logs the exception that is set, which nobody has handled and which counts for the exit code, and
// clears it.
void report_unraisable(const char* where);
// The same where it is the callable that raised it.
void report_unraisable(PyObject* callable);

}  // namespace locust::python
