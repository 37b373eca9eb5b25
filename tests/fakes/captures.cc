#include "tests/fakes/captures.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "tests/fakes/test_data.h"

namespace locust {

std::string from_hex(const std::string& hex) {
  const auto digit = [&hex](std::size_t i) -> int {
    const char c = hex.at(i);
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    throw std::invalid_argument("not hex: " + hex);
  };
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(i) * 16 + digit(i + 1));
  }
  return bytes;
}

std::vector<CapturedFrame> load_captures() {
  std::vector<std::string> files;
  for (const auto& file :
       std::filesystem::directory_iterator(in_repository("tests/data/captures"))) {
    files.push_back(file.path().filename().string());
  }
  std::ranges::sort(files);

  std::vector<CapturedFrame> frames;
  for (const std::string& file : files) {
    std::istringstream lines(load_test_data("captures/" + file));
    for (std::string line; std::getline(lines, line);) {
      const nlohmann::json record = nlohmann::json::parse(line);
      if (!record.contains("hex")) continue;
      frames.push_back({file.substr(0, file.find(".jsonl")), record["t"], record["dir"] == "w>m",
                        record["id"], from_hex(record["hex"])});
    }
  }
  return frames;
}

}  // namespace locust
