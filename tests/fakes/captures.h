// Recorded sessions of stock Locust masters and workers, in tests/data/captures, one file per
// session.
#pragma once

#include <string>
#include <vector>

namespace locust {

struct CapturedFrame {
  std::string session;  // "2.12.1-a-basic"
  double t = 0;         // seconds since the session's start
  bool from_worker = false;
  std::string identity;  // the worker's, in both directions
  std::string payload;
};

// All payload frames of all sessions in order. Throws if a file cannot be read.
std::vector<CapturedFrame> load_captures();

// "0aff" to bytes. Throws std::invalid_argument on anything but hex digits.
std::string from_hex(const std::string& hex);

}  // namespace locust
