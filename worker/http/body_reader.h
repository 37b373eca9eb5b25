// BodyReader: the bytes of a request's body, of which files are read while they are sent.
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

// Of one transfer, on the loop's thread. Files are read there because a read waits for one piece at
// most, as large as curl's upload buffer: the kernel is told that they are read in order, so it has
// fetched what comes next while the piece before went over the network, and a file that many users
// send is in memory anyway. One file is open at a time. A file is as long as it was at begin():
// what is added later is not sent.
class BodyReader {
 public:
  // Starts over with these parts, which must stay. Says why a file cannot be sent.
  std::optional<Failure> begin(const std::vector<HttpBodyPart>& parts);
  std::uint64_t size() const { return ends_.empty() ? 0 : ends_.back(); }

  // The next bytes, as many as there are and fit; 0 at the end. Nothing if a file cannot be read or
  // has become shorter, which failure() tells.
  std::optional<std::size_t> read(std::span<char> into);
  // Goes on from there; false if that is not in the body.
  bool seek(std::uint64_t offset);
  const std::optional<Failure>& failure() const { return failure_; }
  // Until the next begin() or seek() no file stays open.
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
