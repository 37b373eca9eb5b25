// Values out of JSON response bodies by JSON pointers (RFC 6901) in which `*` takes every element.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/scenario/expression_value.h"

namespace locust::worker {

// Whether `pointer` is one: empty (the whole document) or beginning with '/'.
bool is_json_pointer(std::string_view pointer);

// Shared by all users of a loop; keeps the body parsed last, so that several expressions on one
// response parse it once and no user carries a document around.
class JsonBodies {
 public:
  JsonBodies();
  ~JsonBodies();
  JsonBodies(const JsonBodies&) = delete;
  JsonBodies& operator=(const JsonBodies&) = delete;

  // What stands at `pointer` in `body`, null if nothing does or the body is not JSON. With `*` in
  // the pointer: the list of what stands there in every element. `serial` names the response and is
  // never reused for another body.
  ExprValue at(std::uint64_t serial, const std::string& body, std::string_view pointer);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace locust::worker
