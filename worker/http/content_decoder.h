// ContentDecoder: decodes the Content-Encoding of a response while it arrives, in steps of bounded
// work, so that a small body that expands to gigabytes neither fills memory nor blocks the loop.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/http/failure.h"

namespace locust::worker {

// For one response. Supports gzip, x-gzip, deflate (raw or with zlib's header), br and, if the
// build has its library, zstd; also several of them on one body. A gzip body may have several
// members (RFC 1952, 2.2). Data after the end of a gzip or deflate stream is ignored, as by gunzip
// and stock.
class ContentDecoder {
 public:
  // The maximum that each coding produces in one step.
  static constexpr std::size_t kStepBytes = std::size_t{16} << 10;

  // `codings` is the value of Content-Encoding, with several lines joined by ", ". An unknown
  // coding is reported by the first step, because a response without a body needs no decoding.
  explicit ContentDecoder(std::string codings);
  ~ContentDecoder();
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;

  // True if there is nothing to decode ("identity"); then step() must not be called.
  bool is_identity() const { return layers_.empty() && !refused_; }

  struct Step {
    std::string_view bytes;  // of the body; valid until the next step
    std::size_t work = 0;    // bytes that all codings together have produced
    bool done = false;       // `input` is used up and produces nothing more
  };
  // Consumes the front of `input`. Returns nullopt if the body cannot be decoded: failure() is the
  // reason, and step() must not be called again.
  std::optional<Step> step(std::string_view& input);
  // Call at the end of the body. Returns false if a compressed stream is truncated; failure() is
  // the reason.
  bool finish();
  const Failure& failure() const { return failure_; }

 private:
  class Coding;
  class Inflate;
  class Brotli;
  class Zstd;
  struct Layer;

  void add_coding(std::string_view name);

  std::string codings_;
  std::vector<Layer> layers_;  // in the order of decoding
  bool refused_ = false;       // a coding is unknown, or there are too many
  bool any_input_ = false;
  Failure failure_;
};

}  // namespace locust::worker
