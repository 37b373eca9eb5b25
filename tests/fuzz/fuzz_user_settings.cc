// The JSON of POST /user on arbitrary bytes: an error that says why, or attributes that every worker can
// read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "master/web/user_settings.h"
#include "proto/value.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace locust;
  const auto update = master::web::parse_user_settings({reinterpret_cast<const char*>(data), size});
  if (!update) {
    if (update.error().empty()) std::abort();
    return 0;
  }
  if (update->user_class_name.empty()) std::abort();
  const proto::Value attributes(update->attributes);
  const auto read = proto::parse(proto::pack(attributes));
  if (!read || proto::pack(*read) != proto::pack(attributes)) std::abort();
  return 0;
}
