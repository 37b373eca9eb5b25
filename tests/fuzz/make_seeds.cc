// make_seeds DIR: writes captured frames as files, for the fuzzers to start from. Of frames of the
// same direction, type and length, which differ in little but numbers, one is enough.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <tuple>

#include "proto/value.h"
#include "tests/fakes/captures.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_seeds DIR\n");
    return 2;
  }
  const std::filesystem::path dir = argv[1];
  std::filesystem::create_directories(dir);
  std::set<std::tuple<bool, std::string, std::size_t>> seen;
  for (const locust::CapturedFrame& frame : locust::load_captures()) {
    const auto message = locust::proto::parse(frame.payload);
    const std::string& type = *message->array()->at(0).str();
    if (!seen.emplace(frame.from_worker, type, frame.payload.size()).second) continue;
    std::ofstream out(dir / (type + "-" + std::to_string(seen.size())), std::ios::binary);
    out << frame.payload;
    if (!out.flush()) {
      std::fprintf(stderr, "cannot write to %s\n", dir.c_str());
      return 1;
    }
  }
  return 0;
}
