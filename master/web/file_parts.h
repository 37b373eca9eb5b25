// FileParts: reads a file in parts, up to the size that it had when it was opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace locust::master::web {

class FileParts final {
 public:
  static constexpr std::size_t kPartBytes = std::size_t{64} << 10;

  // Returns false if the file cannot be read.
  bool open(const std::string& path);
  void close();
  // The number of remaining bytes.
  std::uint64_t left() const { return left_; }
  // Returns the next part, valid until the next call; empty at the end, nullopt if the file has
  // become shorter.
  std::optional<std::string_view> next();

 private:
  std::ifstream file_;
  std::uint64_t left_ = 0;
  std::string part_;
};

}  // namespace locust::master::web
