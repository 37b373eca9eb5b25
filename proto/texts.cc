#include "proto/texts.h"

namespace locust::proto {

std::vector<std::string> texts_in(const Value& value) {
  std::vector<std::string> texts;
  if (value.array() == nullptr) return texts;
  for (const Value& item : *value.array()) {
    if (const std::string* text = item.str()) texts.push_back(*text);
  }
  return texts;
}

}  // namespace locust::proto
