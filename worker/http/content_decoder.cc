#include "worker/http/content_decoder.h"

#include <brotli/decode.h>
#include <zlib.h>
#ifdef LOCUST_HAS_ZSTD
#include <zstd.h>
#endif

#include <array>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include "common/base/python_repr.h"
#include "common/base/text.h"
#include "worker/http/header_name.h"

namespace locust::worker {
namespace {

// The same limit as in libcurl: each coding costs memory and time, and nobody needs more.
constexpr std::size_t kMaxCodings = 5;
// The limit of a value that a failure quotes.
constexpr std::size_t kMaxQuoted = 100;

// The formats, as zlib's inflateInit2 expects them.
constexpr int kGzip = 15 + 16;
constexpr int kZlib = 15;
constexpr int kRaw = -15;

Failure decoding_failure(const std::string& reason) {
  return {HttpErrorKind::kProtocol, "error(" + python_repr(reason) + ")"};
}

// RFC 1952, 2.3.1.
bool is_gzip_header(unsigned char first, unsigned char second) {
  return first == 0x1f && second == 0x8b;
}

// RFC 1950, 2.2.
bool is_zlib_header(unsigned char first, unsigned char second) {
  return (first & 0x0f) == Z_DEFLATED && (first >> 4) <= 7 && (first * 256 + second) % 31 == 0;
}

}  // namespace

class ContentDecoder::Coding {
 public:
  Coding() = default;
  virtual ~Coding() = default;
  Coding(const Coding&) = delete;
  Coding& operator=(const Coding&) = delete;

  // Consumes `input` from its front until it is empty or `output` is full. Returns the number of
  // bytes written to `output`; nullopt, with `failure` set, if the input cannot be decoded.
  virtual std::optional<std::size_t> decode(std::string_view& input, std::span<char> output,
                                            Failure& failure) = 0;
  // Whether the stream may end here.
  virtual bool complete() const = 0;
  virtual Failure truncated() const = 0;
};

// gzip and deflate.
class ContentDecoder::Inflate final : public Coding {
 public:
  enum class Format { kGzip, kDeflate };

  explicit Inflate(Format format) : gzip_(format == Format::kGzip) {}
  ~Inflate() override {
    if (open_) inflateEnd(&stream_);
  }

  std::optional<std::size_t> decode(std::string_view& input, std::span<char> output,
                                    Failure& failure) override {
    std::size_t filled = 0;
    while (filled < output.size()) {
      if (state_ == State::kHeader) read_header(input);
      if (state_ == State::kTrailing) input = {};
      if (state_ != State::kInside) break;
      const int result = inflate_some(input, output, filled);
      if (result == Z_BUF_ERROR) break;  // it needs more input
      if (result == Z_STREAM_END) {
        any_stream_ = true;
        state_ = gzip_ ? State::kHeader : State::kTrailing;
      } else if (result != Z_OK) {
        const char* const reason = stream_.msg != nullptr ? stream_.msg : "preset dictionary";
        failure = decoding_failure(std::string("Error -3 while decompressing data: ") + reason);
        return std::nullopt;
      }
    }
    return filled;
  }
  bool complete() const override { return any_stream_ && state_ != State::kInside; }
  Failure truncated() const override {
    return decoding_failure("Error -5 while decompressing data: incomplete or truncated stream");
  }

 private:
  enum class State : std::uint8_t {
    kHeader,  // the first two bytes of a stream have not arrived yet
    kInside,
    kTrailing,  // further data is ignored
  };

  // These two bytes distinguish raw deflate from zlib's, and another gzip member from other data.
  void read_header(std::string_view& input) {
    while (header_size_ < header_.size() && !input.empty()) {
      header_[header_size_++] = input.front();
      input.remove_prefix(1);
    }
    if (header_size_ < header_.size()) return;
    const auto first = static_cast<unsigned char>(header_[0]);
    const auto second = static_cast<unsigned char>(header_[1]);
    if (any_stream_ && !is_gzip_header(first, second)) {
      state_ = State::kTrailing;
      return;
    }
    const int format = gzip_ ? kGzip : is_zlib_header(first, second) ? kZlib : kRaw;
    if ((open_ ? inflateReset2(&stream_, format) : inflateInit2(&stream_, format)) != Z_OK) {
      throw std::bad_alloc();
    }
    open_ = true;
    state_ = State::kInside;
    header_left_ = std::string_view(header_.data(), header_.size());
    header_size_ = 0;
  }

  int inflate_some(std::string_view& input, std::span<char> output, std::size_t& filled) {
    std::string_view& from = header_left_.empty() ? input : header_left_;
    // zlib only reads it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
    stream_.avail_in = static_cast<uInt>(from.size());
    stream_.next_out = reinterpret_cast<Bytef*>(output.data() + filled);
    stream_.avail_out = static_cast<uInt>(output.size() - filled);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    from.remove_prefix(from.size() - stream_.avail_in);
    filled = output.size() - stream_.avail_out;
    return result;
  }

  const bool gzip_;
  bool open_ = false;
  bool any_stream_ = false;  // at least one stream is complete
  State state_ = State::kHeader;
  std::array<char, 2> header_{};
  std::size_t header_size_ = 0;
  std::string_view header_left_;  // of header_, what zlib has not read yet
  z_stream stream_{};
};

class ContentDecoder::Brotli final : public Coding {
 public:
  Brotli() {
    if (!decoder_) throw std::bad_alloc();
  }

  std::optional<std::size_t> decode(std::string_view& input, std::span<char> output,
                                    Failure& failure) override {
    const auto* in = reinterpret_cast<const std::uint8_t*>(input.data());
    auto* out = reinterpret_cast<std::uint8_t*>(output.data());
    std::size_t in_left = input.size();
    std::size_t out_left = output.size();
    if (!complete_) {
      const auto result =
          BrotliDecoderDecompressStream(decoder_.get(), &in_left, &in, &out_left, &out, nullptr);
      complete_ = result == BROTLI_DECODER_RESULT_SUCCESS;
      if (result == BROTLI_DECODER_RESULT_ERROR) failure = truncated();
    }
    // Data after its end is a failure too, as in both of stock's clients.
    if (complete_ && in_left > 0) failure = truncated();
    if (failure.kind != HttpErrorKind::kNone) return std::nullopt;
    input.remove_prefix(input.size() - in_left);
    return output.size() - out_left;
  }
  bool complete() const override { return complete_; }
  Failure truncated() const override { return decoding_failure("brotli: decoder failed"); }

 private:
  struct Deleter {
    void operator()(BrotliDecoderState* decoder) const { BrotliDecoderDestroyInstance(decoder); }
  };

  std::unique_ptr<BrotliDecoderState, Deleter> decoder_{
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)};
  bool complete_ = false;
};

#ifdef LOCUST_HAS_ZSTD
class ContentDecoder::Zstd final : public Coding {
 public:
  Zstd() {
    if (!decoder_) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(decoder_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  }

  std::optional<std::size_t> decode(std::string_view& input, std::span<char> output,
                                    Failure& failure) override {
    if (input.empty() && complete_) return 0;
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    std::size_t taken = 0;
    do {
      taken = in.pos;
      const std::size_t left = ZSTD_decompressStream(decoder_.get(), &out, &in);
      if (ZSTD_isError(left) != 0) {
        failure = truncated();
        return std::nullopt;
      }
      complete_ = left == 0;  // of the frame; another one may follow
    } while (in.pos > taken && in.pos < in.size && out.pos < out.size);
    input.remove_prefix(in.pos);
    return out.pos;
  }
  bool complete() const override { return complete_; }
  Failure truncated() const override { return decoding_failure("zstd: decoder failed"); }

 private:
  static constexpr int kMaxWindowLog = 23;  // 8 MiB: RFC 9659

  struct Deleter {
    void operator()(ZSTD_DCtx* decoder) const { ZSTD_freeDCtx(decoder); }
  };

  std::unique_ptr<ZSTD_DCtx, Deleter> decoder_{ZSTD_createDCtx()};
  bool complete_ = false;
};
#endif

struct ContentDecoder::Layer {
  using Buffer = std::array<char, kStepBytes>;

  std::unique_ptr<Coding> coding;
  std::unique_ptr<Buffer> buffer = std::make_unique_for_overwrite<Buffer>();
  std::string_view waiting{};  // of `buffer`, for the next layer
  bool full = false;           // the last piece filled the buffer, so there may be more
};

ContentDecoder::ContentDecoder(std::string codings) : codings_(std::move(codings)) {
  // The coding that was applied last is decoded first.
  std::string_view rest = codings_;
  while (!rest.empty()) {
    const std::size_t comma = rest.rfind(',');
    const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
    add_coding(trimmed(rest.substr(begin)));
    rest = rest.substr(0, begin == 0 ? 0 : comma);
  }
}

ContentDecoder::~ContentDecoder() = default;

void ContentDecoder::add_coding(std::string_view name) {
  std::unique_ptr<Coding> coding;
  if (same_name(name, "gzip") || same_name(name, "x-gzip")) {
    coding = std::make_unique<Inflate>(Inflate::Format::kGzip);
  } else if (same_name(name, "deflate")) {
    coding = std::make_unique<Inflate>(Inflate::Format::kDeflate);
  } else if (same_name(name, "br")) {
    coding = std::make_unique<Brotli>();
#ifdef LOCUST_HAS_ZSTD
  } else if (same_name(name, "zstd")) {
    coding = std::make_unique<Zstd>();
#endif
  } else {
    refused_ |= !name.empty() && !same_name(name, "identity") && !same_name(name, "none");
    return;
  }
  if (layers_.size() == kMaxCodings) {
    refused_ = true;
  } else {
    layers_.push_back({std::move(coding)});
  }
}

std::optional<ContentDecoder::Step> ContentDecoder::step(std::string_view& input) {
  if (refused_) {
    failure_ = {HttpErrorKind::kProtocol,
                "ValueError(" +
                    python_repr("Unknown content encoding: " + codings_.substr(0, kMaxQuoted)) +
                    ")"};
    return std::nullopt;
  }
  any_input_ = any_input_ || !input.empty();
  Step step{.bytes = {}, .work = 0, .done = true};
  std::string_view* from = &input;
  for (Layer& layer : layers_) {
    if (layer.waiting.empty()) {
      const auto filled = layer.coding->decode(*from, *layer.buffer, failure_);
      if (!filled) return std::nullopt;
      layer.waiting = {layer.buffer->data(), *filled};
      layer.full = *filled == kStepBytes;
      step.work += *filled;
    }
    step.done = step.done && from->empty() && !layer.full;
    from = &layer.waiting;
  }
  step.bytes = std::exchange(*from, {});
  return step;
}

bool ContentDecoder::finish() {
  if (!any_input_) return true;
  for (const Layer& layer : layers_) {
    if (layer.coding->complete()) continue;
    failure_ = layer.coding->truncated();
    return false;
  }
  return true;
}

}  // namespace locust::worker
