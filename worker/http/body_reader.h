// BodyReader: the bytes of a request's body. Files are read while they are sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/file_descriptor.h"
#include "worker/http/exchange.h"
#include "worker/http/failure.h"

namespace locust::worker {

// Belongs to one transfer, on the loop's thread. Reading files there is acceptable, because a read
// waits for at most one piece of the size of curl's upload buffer: with readahead the kernel
// usually has the next piece, and a file that many users send is cached. One file is open at a
// time. The length of a file is that at begin(): data appended later is not sent.
class BodyReader {
 public:
  // Restarts with these parts, which must stay valid. Returns a failure if a file cannot be sent.
  std::optional<Failure> begin(const std::vector<HttpBodyPart>& parts);
  std::uint64_t size() const { return ends_.empty() ? 0 : ends_.back(); }

  // Reads as many of the next bytes as fit; 0 at the end. nullopt if a file cannot be read or has
  // become shorter; failure() is the reason.
  std::optional<std::size_t> read(std::span<char> into);
  // Continues at `offset`. Returns false if it is outside of the body.
  bool seek(std::uint64_t offset);
  const std::optional<Failure>& failure() const { return failure_; }
  // Closes the file until the next begin() or seek().
  void close() { file_.close(); }

 private:
  std::optional<std::size_t> read_file(std::span<char> into, std::uint64_t offset);

  const std::vector<HttpBodyPart>* parts_ = nullptr;
  std::vector<std::uint64_t> ends_;  // of each part, in bytes of the body
  std::uint64_t offset_ = 0;
  std::size_t part_ = 0;  // that offset_ is in
  FileDescriptor file_;   // of part_
  std::optional<Failure> failure_;
};

}  // namespace locust::worker
