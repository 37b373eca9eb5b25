// Reads values of JSON response bodies by JSON pointers (RFC 6901), in which `*` matches every
// element.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/scenario/expression_value.h"

namespace locust::worker {

// Whether `pointer` is valid: empty (the whole document) or starting with '/'.
bool is_json_pointer(std::string_view pointer);

// Shared by all users of a loop; keeps the last parsed body, so that several expressions on one
// response parse it once and users do not hold documents.
class JsonBodies {
 public:
  JsonBodies();
  ~JsonBodies();
  JsonBodies(const JsonBodies&) = delete;
  JsonBodies& operator=(const JsonBodies&) = delete;

  // The value at `pointer` in `body`; null if there is none or the body is not JSON. With `*` in
  // the pointer: the list of the values in all elements. `serial` identifies the response and is
  // never reused for another body.
  ExprValue at(std::uint64_t serial, const std::string& body, std::string_view pointer);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace locust::worker
