#include "proto/python_value.h"

#include <type_traits>

namespace locust::proto {
namespace {

using python::Ref;
using python::text_of;
using python::to_str;

Ref list_of(const Value::Array& array) {
  Ref list(PyList_New(0));
  for (const Value& item : array) {
    const Ref object = to_python(item);
    if (!object || PyList_Append(list.get(), object.get()) < 0) return {};
  }
  return list;
}

Ref dict_of(const Value::Map& map) {
  Ref dict(PyDict_New());
  for (const auto& [key, value] : map) {
    const Ref key_object = to_python(key);
    const Ref value_object = to_python(value);
    if (!key_object || !value_object ||
        PyDict_SetItem(dict.get(), key_object.get(), value_object.get()) < 0) {
      return {};
    }
  }
  return dict;
}

// The name that msgpack's errors have. The module is part of it for classes written in C.
std::string type_name(PyObject* object) {
  PyTypeObject* const type = Py_TYPE(object);
  const Ref name(PyType_GetName(type));
  const bool is_static = (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) == 0;
  const bool has_module = is_static || PyType_GetModule(type) != nullptr;
  PyErr_Clear();
  const Ref module(PyObject_GetAttrString(reinterpret_cast<PyObject*>(type), "__module__"));
  const std::string prefix = has_module ? text_of(module.get()) : std::string();
  PyErr_Clear();
  return (prefix.empty() || prefix == "builtins" ? "" : prefix + '.') + text_of(name.get());
}

Error not_serializable(PyObject* object) {
  return Error{"can not serialize '" + type_name(object) + "' object"};
}

Result<Value> convert(PyObject* object, std::size_t depth);

Result<Value> array_of(PyObject* sequence, std::size_t depth) {
  Value::Array array;
  // A tuple of its own: the conversion of an item may call Python code, which may change a list.
  const Ref items(PySequence_Tuple(sequence));
  if (!items) {
    PyErr_Clear();
    return not_serializable(sequence);
  }
  const Py_ssize_t size = PyTuple_Size(items.get());
  for (Py_ssize_t i = 0; i < size; ++i) {
    auto item = convert(PyTuple_GetItem(items.get(), i), depth);
    if (!item) return item;
    array.push_back(*std::move(item));
  }
  return Value(std::move(array));
}

Result<Value> map_of(PyObject* dict, std::size_t depth) {
  Value::Map map;
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  for (Py_ssize_t place = 0; PyDict_Next(dict, &place, &key, &value) != 0;) {
    auto key_value = convert(key, depth);
    if (!key_value) return key_value;
    auto converted = convert(value, depth);
    if (!converted) return converted;
    map.emplace_back(*std::move(key_value), *std::move(converted));
  }
  return Value(std::move(map));
}

Result<Value> integer_of(PyObject* object) {
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
  if (overflow == 0) return Value(static_cast<std::int64_t>(value));
  const unsigned long long wide = PyLong_AsUnsignedLongLong(object);
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    return Error{"Integer value out of range"};
  }
  return Value(static_cast<std::uint64_t>(wide));
}

Result<Value> convert(PyObject* object, std::size_t depth) {
  if (depth == 0) return Error{"recursion limit exceeded"};
  if (object == Py_None) return Value();
  if (PyBool_Check(object)) return Value(object == Py_True);
  if (PyLong_Check(object)) return integer_of(object);
  if (PyFloat_Check(object)) return Value(PyFloat_AsDouble(object));
  if (PyUnicode_Check(object)) return Value(text_of(object));
  if (PyBytes_Check(object)) {
    return Value(Value::Bin{std::string(python::bytes_of(object))});
  }
  if (PyList_Check(object) || PyTuple_Check(object)) return array_of(object, depth - 1);
  if (PyDict_Check(object)) return map_of(object, depth - 1);
  return not_serializable(object);
}

}  // namespace

Ref to_python(const Value& value) {
  return value.visit([](const auto& v) -> Ref {
    using T = std::decay_t<decltype(v)>;
    if constexpr (std::is_same_v<T, Value::Nil>) {
      return Ref::borrow(Py_None);
    } else if constexpr (std::is_same_v<T, bool>) {
      return Ref(PyBool_FromLong(v ? 1 : 0));
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      return Ref(PyLong_FromLongLong(v));
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      return Ref(PyLong_FromUnsignedLongLong(v));
    } else if constexpr (std::is_floating_point_v<T>) {
      return Ref(PyFloat_FromDouble(static_cast<double>(v)));
    } else if constexpr (std::is_same_v<T, std::string>) {
      return to_str(v);
    } else if constexpr (std::is_same_v<T, Value::Array>) {
      return list_of(v);
    } else if constexpr (std::is_same_v<T, Value::Map>) {
      return dict_of(v);
    } else {
      return Ref(
          PyBytes_FromStringAndSize(v.bytes.data(), static_cast<Py_ssize_t>(v.bytes.size())));
    }
  });
}

Result<Value> from_python(PyObject* object) { return convert(object, Limits{}.max_depth); }

}  // namespace locust::proto
