// Masking of arbitrary bytes: never crashes, stays within its bound, and finds what stands behind
// them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/base/mask.h"

namespace {

using namespace locust;

void check(bool holds) {
  if (!holds) std::abort();
}

const Masker& masker() {
  static const Masker* const made = [] {
    auto* masker = new Masker;
    masker->add_secret("plugh-xyzzy");
    check(masker->add_pattern("[0-9]{4}-[0-9]{4}|a=(b+)").ok());
    return masker;
  }();
  return *made;
}

void check_text(const std::string& text) {
  for (const TextKind kind : {TextKind::kLine, TextKind::kDocument, TextKind::kForm}) {
    for (const bool is_cut : {false, true}) {
      const std::string shown = mask_credentials(text, kind, is_cut);
      check(shown.size() <= 2 * text.size() + 16);
      (void)masker().masked(text, kind, is_cut);
    }
    const std::string secret = text + "\n&password=hunter2-plugh&x=plugh-xyzzy";
    const std::string shown = masker().masked(secret, kind);
    // Where no name says that it is a password it is shown.
    if (text.find("hunter2-plugh") == std::string::npos) {
      check(shown.find("hunter2-plugh") == std::string::npos);
    }
    check(shown.find("plugh-xyzzy") == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_text(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
